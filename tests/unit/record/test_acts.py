"""Which act each kind of entry is: none is left out."""

import pytest

from parley.errors import GuardMissing
from parley.record import acts
from parley.record.kinds import Kind


def test_every_kind_that_a_person_appends_names_an_act(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that names none stops the start, by its name."""
    acts.check_kinds()
    monkeypatch.setattr(acts, "KIND_ACTS", {**acts.KIND_ACTS, Kind.STATEMENT: frozenset()})

    with pytest.raises(GuardMissing, match="statement"):
        acts.check_kinds()
