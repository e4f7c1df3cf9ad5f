"""Line checks: proof, on schedule, that two people at two desks can still reach each other.

How a check goes: at the time that the line's agreement gives (:mod:`.schedule`) it is due at both
ends. A duty officer of the party whose turn it is sends a neutral passage in both parties' scripts
and a code of six characters (:mod:`.passage`). It is an entry; the other node says by a receipt
that it has it, the other desk by a delivery that it shows it, and a person there types the code
back. A person of the first party confirms what came back. Person, screen and keyboard are proved at
both ends, and so is every script on the way.

What both hold of it follows from the entries alone (:mod:`.matter`): each limit lies between two
entries of one log, so that no two clocks need agree. That nothing came is no entry. Each end notes
for itself, when a limit is over, what was the last thing proved of the other (:mod:`.evidence`):
that, and never a guess, tells the five silences apart. Whether the other's site or the way to it is
silent is told by its edge responder (:mod:`parley.edge`), a process that outlives the node.

What if it fails: a check that was missed stays missed, and whatever comes late is kept and shown
beside it. Two misses in a row are told to our own engineer and releaser, to nobody else. A line
that was suspended (:mod:`.suspension`) misses its checks for that reason and for no other.

Layout: cores without I/O in all modules but ``tables``, ``repository`` and ``service``.
"""
