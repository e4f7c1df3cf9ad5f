"""The record: what the parties of a space have said with weight, provable by each of them alone.

How a party's word becomes something both sides can prove: it is written as an *entry*
(:mod:`parley.record.entry`) and appended to the party's own *log* (:mod:`parley.record.log`), which
nobody else writes to. The hashes of the entries form a tree (:mod:`parley.record.merkle`,
:mod:`parley.record.tiles`); its size and root, signed, are a *checkpoint*. A *feed*
(:mod:`parley.record.feed`) sends the checkpoint with the proof that the log only grew, then the
entries, each package with its own proof. The other party's *mirror* (:mod:`parley.record.mirror`)
takes in what is proved and, once everything is on its disk, cosigns the checkpoint with its time.
That cosignature, come back, is what "held" means (:mod:`parley.record.receipts`). The other
party's own entries say the rest, and come the same way in the other direction.

What if it fails: a lost letter is sent again from where the mirror says it is. A cut line costs
time: both sides go on appending to their own logs, and nothing has to be reconciled after. A node
that lost its disk appends nothing before a mirror has shown it how far it had come, and takes its
own entries back from there. A party that shows two trees is found out by its own signatures, which
are kept (:mod:`parley.record.evidence`); silence is noticed because logs are signed every minute
(:mod:`parley.record.standing`). An entry that cannot be read is held, proved and set aside, and
stops nothing. Who causes more work than its allowance (:mod:`parley.record.allowance`) is told to
wait.

In a running node :mod:`parley.record.keeping` does this a turn at a time, over rows that
:mod:`parley.record.repository` writes; how letters travel is the line's part.

Invariants: no core does I/O or reads a clock (all but ``keeping``, ``repository``, ``shelf`` and
``tables``); what cores return is stored in one transaction before anything leaves the node. What is
hashed is what came. The formats
are C2SP's, so that tools we did not write can check them; `protocol/record.md` has the whole of it,
and :mod:`parley.verify` checks an export without a line of this code.
"""
