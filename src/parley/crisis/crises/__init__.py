"""The crisis: opened by either side alone, under its own name, and closed by each for itself.

How a crisis comes about: a releaser of one party opens it, with a title, a grade and a start that
are that party's own. The first opening gives it its number, which both sides use and which stays
through every reopening. The other party may open it too, with a title of its own, or never; no
field of the one is asked of the other. Within it each side says what it holds to be true (claims),
asks and offers; what releasers of both sides have signed in the very same bytes is an agreed fact,
and a claim that contradicts another is shown beside it. Whatever belongs to it, alerts, calls,
notifications, is linked and not moved.

What is open has effects on the side that opened it and on no other, until both have
(:mod:`parley.crisis.crises.effects`).

What it has come to follows from the set of its entries, all in one thread, in whichever order they
came (:mod:`parley.crisis.crises.projection`). What is wrong about an entry is a breach: kept, shown
and without effect. Nothing closes by itself: after seven quiet days each side is reminded.
"""
