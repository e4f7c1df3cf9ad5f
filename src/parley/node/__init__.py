"""One node, wired once: what is made of what, in which order it starts and stops.

:mod:`parley.node.node` makes every service and hands each the few it needs; no other package wires
anything. :mod:`parley.node.lifecycle` holds the folder's lock, the signals and the second hand. The
command line reaches a running node through a socket file (:mod:`parley.node.admin`), or works on
its database while it is not running; both ways call the same operations
(:mod:`parley.node.operations`).

How it stops: on SIGTERM or SIGINT pages are told, then the web port closes, then the lines say
goodbye, then the database closes. How it starts again: rooms and pairings are rows, lines dial by
themselves, pages come back by themselves; less than five seconds in all. After a kill it is the
same without the goodbyes.
"""
