"""The standing lines to the other parties, as Python sees them.

How a line comes up: an operator imports the other party's card, both sides read the fingerprint,
each confirms. Our confirmation opens our end in the engine (:mod:`parley.line.service`); nothing
flows to or from a key that was not confirmed here, because the engine answers no other. When both
ends are open the engine proves both keys, and each node sends a *hello* letter that says "we have
confirmed this pair of keys" (:mod:`parley.line.letters`). Only then is the line *agreed*, and only
then do letters of other topics pass, such as the announcements of rooms.

What if it fails: the engine dials for ever, over every path the two cards offer
(:mod:`parley.line.paths`); nobody has to act. What it reports goes through one table
(:mod:`parley.line.link`) to the state a desk shows. A letter that does not hold, a name or key that
belongs to another, a clock that is off: each is named, counted and shown
(:mod:`parley.line.set_aside`), and the line goes on.

Invariant: only this package and ``parley.rooms`` touch the compiled engine, through the interface
in :mod:`parley.line.engine`; decisions (:mod:`parley.line.pairing`, ``link``, ``letters``,
``paths``) take ``now`` and return what to do, and do nothing themselves.
"""
