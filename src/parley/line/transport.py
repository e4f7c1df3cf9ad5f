"""Starting the compiled engine on the addresses the settings name."""

from typing import Final

from parley import _core
from parley.config import Settings
from parley.errors import EngineFault, PortTaken
from parley.identity.keys import PartyKey
from parley.line.engine import Engine

DEFAULT_LISTEN: Final = "0.0.0.0:7400"
"""Where the line listens when the settings declare no path: every address, the default port."""


def start_engine(settings: Settings, key: PartyKey) -> Engine:
    """Start the engine's threads and open its ports.

    Raises:
        PortTaken: another program uses one of the addresses.
        EngineFault: the engine refused for another reason.
    """
    try:
        return _core.Engine(
            key_seed=key.engine_seed(),
            line_listen=[path.listen for path in settings.line.path] or [DEFAULT_LISTEN],
            media_udp=settings.media.udp,
            media_tcp=settings.media.tcp or None,
            media_advertise=list(settings.media.advertise) or None,
        )
    except _core.CoreError as error:
        if error.code == "engine.port_taken":
            raise PortTaken(address=str(error.params.get("address", ""))) from error
        raise EngineFault(code=error.code) from error
