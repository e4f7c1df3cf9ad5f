"""Parley: one line between institutions that will not put their words on each other's servers."""
