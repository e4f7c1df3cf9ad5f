"""Formatted notifications: numbered statements in a form that both parties agreed on beforehand.

How a form filled in at one desk becomes a fact at both: what a form asks for is a *notification
type* (:mod:`parley.crisis.notifications.definition`), proposed by an entry and usable once both
parties' logs have an agreement that quotes its hash. A person fills the form in; it is read with
limits (:mod:`parley.crisis.notifications.form`), held against the type's schema and against what no
schema can say (:mod:`parley.crisis.notifications.check`), and read by a second person. Sending
appends it with the next number of its party, type and year. The other party's node answers with an
entry that says when it had it on its disk: that instant is the legal time of the notification, and
from it both sides compute by one function whether it came in time
(:mod:`parley.crisis.notifications.lateness`).

What if it fails: the author's node gives a number and appends in one step, so that a number is
never given to nothing; a number that is missing or comes twice all the same is named and kept
(:mod:`parley.crisis.notifications.numbers`) and stops nothing. A notification that breaks its form,
its type or the order of its own life is shown with what is wrong about it. What is shown of a
notification follows from the entries of both logs alone, in whatever order they came
(:mod:`parley.crisis.notifications.matter`); the rows beside the record are an index that can be
thrown away and made again.

Invariants: software never decides that a notification is too late to be sent, it says how late it
is. Nothing the other party sends is evaluated: a type has no patterns, no references and no code.
"""
