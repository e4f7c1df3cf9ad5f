"""Participants without a browser, for drills and benches."""

from parley._core import SyntheticParticipant

__all__ = ["SyntheticParticipant"]
