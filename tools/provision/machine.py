"""What the machine is: who we are on it, and how its package manager is asked for a program."""

from __future__ import annotations

import os
import shutil
import threading
from dataclasses import dataclass

from .console import Missing, StepFailed, run, step


@dataclass(frozen=True)
class Package:
    """One program and the package that holds it in each family of systems."""

    program: str
    apt: str
    dnf: str
    pacman: str


CHROMIUM = Package("chromium", "chromium", "chromium", "chromium")
IP = Package("ip", "iproute2", "iproute", "iproute2")
POSTGRES = Package("postgres", "postgresql", "postgresql-server", "postgresql")
NFT = Package("nft", "nftables", "nftables", "nftables")
JANUS = Package("janus", "janus", "janus-gateway", "janus-gateway")

# Package managers lock their database: one step asks at a time.
_asking = threading.Lock()


def is_root() -> bool:
    """Say whether programs may be installed and network namespaces made."""
    return os.geteuid() == 0


def install_command(packages: list[Package]) -> str:
    """Return the command a person would type to install these packages here."""
    sudo = "" if is_root() else "sudo "
    if shutil.which("apt-get"):
        return f"{sudo}apt-get update && {sudo}apt-get install -y {_names(packages, 'apt')}"
    if shutil.which("dnf"):
        return f"{sudo}dnf install -y {_names(packages, 'dnf')}"
    if shutil.which("pacman"):
        return f"{sudo}pacman -S --needed {_names(packages, 'pacman')}"
    return f"the system's package manager: {_names(packages, 'apt')}"


def install(packages: list[Package], purpose: str) -> None:
    """Install packages when root and the system's manager is known; raise Missing otherwise."""
    command = install_command(packages)
    programs = ", ".join(package.program for package in packages)
    thing = f"{programs} ({purpose})"
    if not is_root():
        raise Missing(thing, command, "Only root may install system packages.")
    if not shutil.which("apt-get"):
        raise Missing(thing, command)
    with _asking, step(f"Installing {programs} from the system's packages"):
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        names = [package.apt for package in packages]
        try:
            run("apt", ["apt-get", "update", "-qq"], environment=quiet)
            run(
                "apt",
                ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names],
                environment=quiet,
            )
        except StepFailed as failure:
            reason = f"The package manager failed; see {failure.log.name} in .parley/log."
            raise Missing(thing, command, reason) from failure


def _names(packages: list[Package], family: str) -> str:
    return " ".join(str(getattr(package, family)) for package in packages)
