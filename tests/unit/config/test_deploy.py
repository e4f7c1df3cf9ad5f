"""What lies in deploy/ fits the code."""

from pathlib import Path

import pytest

from parley.config import Settings
from parley.config.reference import sample

DEPLOY = Path(__file__).parents[3] / "deploy"


def test_the_sample_settings_are_settings_with_every_one_named() -> None:
    """They are generated; a setting added in the code is added here."""
    text = (DEPLOY / "parley.toml").read_text(encoding="utf-8")
    settings = Settings.parse(DEPLOY, text)

    chosen: dict[str, dict[str, object]] = {
        "party": {
            "name": settings.party.name,
            "languages": settings.party.languages,
            "time_zone": settings.party.time_zone,
        },
        "web": {
            "listen": settings.web.listen,
            "origins": settings.web.origins,
            "certificate": settings.web.certificate,
            "key": settings.web.key,
        },
        "line.path": {
            "name": settings.line.path[0].name,
            "listen": settings.line.path[0].listen,
            "advertise": settings.line.path[0].advertise,
        },
    }
    assert sample(chosen) == text


def test_the_service_runs_a_command_there_is() -> None:
    """With the folder it may write to."""
    unit = (DEPLOY / "parley.service").read_text(encoding="utf-8")

    assert "ExecStart=/usr/local/bin/parley serve --folder /var/lib/parley" in unit
    assert "ReadWritePaths=/var/lib/parley" in unit


@pytest.mark.parametrize("name", ["parley.service", "parley-edge.service"])
def test_a_service_has_what_it_needs_and_nothing_else_of_the_machine(name: str) -> None:
    """A user of its own without rights; whoever breaks in finds one folder."""
    unit = set((DEPLOY / name).read_text(encoding="utf-8").splitlines())
    assert {
        *("User=parley", "Group=parley", "NoNewPrivileges=yes", "ProtectSystem=strict"),
        *("CapabilityBoundingSet=", "AmbientCapabilities=", "ProtectHome=yes", "PrivateTmp=yes"),
        *("PrivateDevices=yes", "RestrictNamespaces=yes", "MemoryDenyWriteExecute=yes"),
        *("SystemCallFilter=@system-service", "SystemCallArchitectures=native"),
    } <= unit
    assert [line for line in unit if line.startswith(("Environment", "LoadCredential"))] == []
