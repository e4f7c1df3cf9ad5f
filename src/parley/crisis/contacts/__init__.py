"""Contacts: whom the other party calls when the line itself is not enough, and whether it works.

How a directory stays true: each party writes its own list for each line, with what every contact is
for, when and in which languages, and a releaser signs it (:mod:`.bodies`). The newest list in a
party's own log counts; older ones stay in the record. People of either side say what came of it
when they used a contact: reached, no answer, or wrong. That is a trial, and it belongs to the very
contact it was tried on: a contact whose number changed has not been tried.

What both sides are shown follows from these entries and a clock (:mod:`.directory`). A list that
nobody confirmed for 90 days, and a contact whose last trial failed, are doubtful. Confirming is
publishing the same list again. Who can be reached now is told by the contact's own hours
(:mod:`.hours`).

What if it fails: a list of the other party that is malformed, unsigned, or made of characters that
can be misread is a breach: it is kept and shown, it changes nothing, and the list before it counts.
The directory is read from the record by the kinds of its entries, so it has no rows that could come
to differ from it.

Layout: cores without I/O in ``bodies``, ``hours`` and ``directory``; ``repository`` reads the
record's rows, ``service`` is above.
"""
