"""The crisis desk: what a duty officer writes, is rung by, acknowledges and answers.

How an alert gets from one desk to the other: a person drafts it, another verifies it, a releaser
signs it (:mod:`parley.crisis.drafts`). That makes one entry in the line's record, of precedence
flash to routine, which runs ahead of any backlog (:mod:`parley.record`). At the other end the row
of it is written in the transaction that makes the entry durable there; the node then says so by a
receipt, the desk by a presentation, a person by an acknowledgement, an office by an answer. Each of
these is an entry in that party's own log, and the first party's screen says what it has such an
entry for and nothing else (:mod:`parley.crisis.saying`).

Nothing is remembered that is not an entry. What the entries of one alert come to is computed from
the set of them (:mod:`parley.crisis.projection`), in an order that follows from the set and not
from the order in which they came, so both ends come to the same. The rows of
:mod:`parley.crisis.tables` hold what was computed and can be made anew from the record.

Each end counts its limits (:mod:`parley.crisis.precedence`) by its own clock from what happened at
its own place: the author from the release, the other from the arrival. They run while the line is
cut, and a deadline's row is written with the entry that sets it (:mod:`parley.storage.deadlines`).

What if it fails: what is wrong about an entry of the other party is a breach: it is kept, proved
and shown, it changes nothing, and the next entry is read as if it had not been there. A node that
dies between an entry and the receipt for it finds in its rows that it owes one. An entry that comes
twice, or before the one it is about, is no fault.

Layout: cores without I/O below (``alert``, ``precedence``, ``text``, ``bodies``, ``guards``,
``matter``, ``projection``, ``escalation`` ...), rows in ``tables`` and ``repository``, ``service``
above, the only module that touches the record of a running node. Nothing here depends on rooms,
media or the reading of documents: when those die, the desk keeps ringing.
"""
