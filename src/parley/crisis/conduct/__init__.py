"""Crises and their assessments in a node: their rows, what people do, and what people are shown.

What a crisis and its assessment have come to is worked out below, without I/O, in
:mod:`parley.crisis.crises` and :mod:`parley.crisis.assessment`. Here both are kept by one keeper,
because one entry may change both: the closing of a crisis begins its assessment.
"""
