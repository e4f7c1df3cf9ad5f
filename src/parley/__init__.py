"""Parley: one line between institutions that will not put their words on each other's servers.

A *party* is an institution. It runs one *node*: this package in one process, with the compiled
engine's threads inside. People reach only their own party's node, in a browser. Two nodes are
joined by one *line* of one or more network *paths*; nothing else crosses the border.

How a call comes about: the operators of two parties exchange *party cards* and read a
fingerprint to each other (``parley.identity``, ``parley.line.pairing``). Each node then opens its
end of the line in the engine (``parley.line``). A person opens a *room* for both parties
(``parley.rooms``); the announcement crosses the line, signed by the party that made it. Each page
sends its media to its own node; the two engines exchange each wanted layer once. The page speaks to
its node over HTTP and one WebSocket for each room (``parley.web``).

What if something fails: the engine resumes the line by itself, rooms are rows in the database and
survive a restart, a page reconnects for ever, and bytes from the other party that do not hold are
set aside, counted and shown, without stopping the line.

Packages import only downwards; ``ARCHITECTURE.md`` lists the layers and what must never be in them.
"""

__version__ = "0.1.0"
