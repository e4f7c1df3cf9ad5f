"""Notifications and call requests in a running node: rows, services, views.

The cores are :mod:`parley.crisis.notifications` and :mod:`parley.crisis.calls`. Here, what a person
decides becomes an entry (:mod:`parley.crisis.papers.notifications`,
:mod:`parley.crisis.papers.calls`), every entry leaves rows in its own transaction
(:mod:`parley.crisis.papers.keeping`), and whoever asks is shown what the entries of a matter come
to (:mod:`parley.crisis.papers.notification_view`, :mod:`parley.crisis.papers.call_view`).

Invariants: a row that follows from the record can be made anew from it
(:func:`parley.crisis.papers.repository.rebuild`). What cannot be read leaves no row that counts and
stops nothing.
"""
