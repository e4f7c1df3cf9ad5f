"""How far a drill is, line by line."""

import io

from rich.console import Console

from parley.drill.steps import EVERY_S, Steps


class Told:
    """Steps that write into memory, by a clock that is moved."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        self.now = 100.0
        self.steps = Steps(Console(file=self.text, width=100), clock=lambda: self.now)

    def lines(self) -> list[str]:
        """Return what was told so far."""
        return self.text.getvalue().splitlines()


def test_a_step_is_told_now_and_then_and_when_it_is_over() -> None:
    """A log of a long step is read by a person, so it has a line every few seconds."""
    told = Told()
    for done in range(0, 1_000, 100):
        told.steps.count("drained", done, 1_000)
        told.now += EVERY_S / 5
    told.steps.count("drained", 1_000, 1_000)

    assert told.lines() == [
        "drained: 500 of 1,000, 100 a second",
        "drained: 1,000 of 1,000, 100 a second",
    ]


def test_the_rate_is_that_of_the_step_alone() -> None:
    """What was there when the step began, and the step before it, do not count."""
    told = Told()
    told.steps.count("written", 0, 50)
    told.now += 1
    told.steps.count("written", 50, 50)
    told.steps.say("the next one")
    told.steps.count("held", 400, 1_000)
    told.now += 10
    told.steps.count("held", 1_000, 1_000)

    assert told.lines() == [
        "written: 50 of 50, 50 a second",
        "the next one",
        "held: 1,000 of 1,000, 60 a second",
    ]
