"""What a lab says where it cannot be."""

from __future__ import annotations

import os
import sys

import pytest

from parley.testing import lab as labs
from parley.testing.lab import Lab, LabUnavailable

pytestmark = pytest.mark.needs_core


def test_a_lab_without_root_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text says what to do."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabUnavailable, match="needs root"), Lab.open():
        pass


def test_a_lab_without_iproute2_is_refused_with_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The text names the package."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LabUnavailable, match="apt-get install iproute2"), Lab.open():
        pass


def test_a_lab_elsewhere_than_on_linux_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Namespaces are Linux's."""
    monkeypatch.setattr(sys, "platform", "darwin")
    reason = labs.missing()
    assert reason is not None
    assert "needs Linux" in reason
