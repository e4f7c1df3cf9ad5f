"""What a node's process does about itself."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from parley.node.lifecycle import spare_what_is_loaded


class _Ring:
    """Something that only a collection of garbage finds."""

    def __init__(self) -> None:
        """Refer to itself."""
        self.itself = self


@pytest.fixture(autouse=True)
def _unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_loaded_is_not_looked_at_again() -> None:
    """Or a full collection stands in the way of an alert."""
    before = len(gc.get_objects())
    spare_what_is_loaded()
    assert gc.get_freeze_count() > before // 2
    assert len(gc.get_objects()) < before // 2


def test_garbage_that_comes_later_is_still_collected() -> None:
    """A node runs for months."""
    spare_what_is_loaded()
    ring = _Ring()
    gone = weakref.ref(ring)
    del ring
    gc.collect()
    assert gone() is None
