"""Rooms: where people of several parties see and hear each other, each through their own node.

How a room comes to another party: whoever opens it signs a statement with the party's key: id,
title, the parties it spans, who opened it (:mod:`parley.rooms.statement`). Each node keeps the
statements as rows and hands every party of a room all statements that party shares, whenever that
changes and whenever a line comes up (:mod:`parley.rooms.announcements`). Handing over is idempotent
and goes along any line between two parties of the room, so a room spans parties that have no line
to each other. A close is signed and final; whoever is listed may close.

How a person comes in: the page sends its media offer over one WebSocket; the node signs a label
(who, of which party, in which room) and gives both to the engine
(:mod:`parley.rooms.participation`). The engines exchange rosters; every node checks the label of
every far participant against the key of the party it is said to be from, so a node in the middle
cannot invent people of another party.

What if it fails: a page that falls silent keeps its place for a while and resumes it by itself; a
node that restarts opens its rooms from its rows and its pages come back; a statement or label that
does not hold is set aside, counted and shown, and all others stand.

Invariant: there is no host. A room is nobody's; what one listed party may do, every one may.
"""
