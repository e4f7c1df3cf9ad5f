"""Which phases a record drill has."""

from parley.drill.figures import units
from parley.drill.record import _PHASES, RecordDrill


def test_a_phase_without_a_size_is_left_out() -> None:
    """So a short drill measures what one is after, and nothing else."""
    assert RecordDrill().phases() == ["even", "full", "restored", "backlog"]
    assert RecordDrill(restored=0, backlog=0).phases() == ["even", "full"]
    assert RecordDrill(even_s=0, full_s=0, restored=5).phases() == ["restored", "backlog"]


def test_every_figure_of_every_phase_is_listed() -> None:
    """A phase that fails prints its figures without a number, so their units must be known."""
    figures = [figure for phase in _PHASES.values() for figure in phase]

    assert set(figures) <= units().keys()
    assert len(set(figures)) == len(figures)
