"""The record: what the parties of a space have said with weight, provable by each of them alone.

How a party's word becomes something both sides can prove: it is written as an *entry*
(:mod:`parley.record.entry`) and appended to the party's own *log*, which nobody else writes to. The
hashes of the entries form a tree (:mod:`parley.record.merkle`, :mod:`parley.record.tiles`).
"""
