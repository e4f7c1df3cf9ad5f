"""A security key on USB, by python-fido2: FIDO2 over HID, with its own PIN and a touch.

The node's question is checked here before the key sees it, as a browser would; the key checks its
person and asks for the touch.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from fido2.client import (
    ClientDataCollector,
    ClientError,
    DefaultClientDataCollector,
    Fido2Client,
    UserInteraction,
)
from fido2.ctap import CtapDevice
from fido2.ctap2.pin import ClientPin
from fido2.hid import CtapHidDevice
from fido2.webauthn import PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions
from typing_extensions import override

from parley.errors import NodeMalformed, SecurityKeyMissing, SecurityKeyRefused
from parley.terminal.ceremony import Origin, read_creation, read_request

Touch = Callable[[], None]
REASONS: Final[Mapping[ClientError.ERR, str]] = {
    ClientError.ERR.TIMEOUT: "nobody touched it",
    ClientError.ERR.DEVICE_INELIGIBLE: "it has no key for this node, or has one already",
    ClientError.ERR.CONFIGURATION_UNSUPPORTED: "it cannot check its person",
    ClientError.ERR.BAD_REQUEST: "it does not take this question",
}


class _Person(UserInteraction):
    """Gives the key the PIN that the person typed, and tells them when to touch it."""

    def __init__(self, pin: str, touch: Touch) -> None:
        self._pin = pin
        self._touch = touch

    @override
    def prompt_up(self) -> None:
        self._touch()

    @override
    def request_pin(self, permissions: ClientPin.PERMISSION, rp_id: str | None) -> str | None:
        return self._pin or None


class SecurityKey:
    """The one security key that is plugged in."""

    needs_pin = True

    def __init__(self, touch: Touch, device: CtapDevice | None = None) -> None:
        """Use a key.

        Args:
            touch: called when the person is to touch it.
            device: the key; None for whichever is plugged in when it is used.
        """
        self._touch = touch
        self._device = device

    async def answer(self, options: Mapping[str, Any], origin: Origin, pin: str) -> dict[str, Any]:
        """Answer a node's question.

        Raises:
            SecurityKeyMissing, SecurityKeyRefused: there is no key, or it does not sign.
            CeremonyRefused, NodeMalformed: the key is not asked such a question.
        """
        read_request(options, origin)

        def use() -> dict[str, Any]:
            read = _read(PublicKeyCredentialRequestOptions, options)
            return _json(self._asked(origin, pin).get_assertion(read).get_response(0))

        return await _tried(use)

    async def create(self, options: Mapping[str, Any], origin: Origin, pin: str) -> dict[str, Any]:
        """Make a key as a node wants it; raises like :meth:`answer`."""
        read_creation(options, origin)

        def use() -> dict[str, Any]:
            read = _read(PublicKeyCredentialCreationOptions, options)
            return _json(self._asked(origin, pin).make_credential(read))

        return await _tried(use)

    def _asked(self, origin: Origin, pin: str) -> Fido2Client:
        device = self._device or next(CtapHidDevice.list_devices(), None)
        if device is None:
            raise SecurityKeyMissing
        # The RP id was held against the origin above, by our own rule.
        collector: ClientDataCollector = DefaultClientDataCollector(origin.text, lambda *_: True)
        return Fido2Client(device, collector, _Person(pin, self._touch))


async def _tried(use: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return await asyncio.to_thread(use)
    except ClientError as error:
        raise SecurityKeyRefused(reason=REASONS.get(error.code, error.code.name)) from error
    except OSError as error:
        raise SecurityKeyRefused(reason=error.strerror or "it was pulled out") from error


def _read(kind: Any, options: Mapping[str, Any]) -> Any:  # noqa: ANN401  fido2's own structures
    try:
        return kind.from_dict(dict(options))
    except (KeyError, TypeError, ValueError) as error:
        raise NodeMalformed from error


def _json(response: Any) -> dict[str, Any]:  # noqa: ANN401  fido2's own structures
    said = dict(response)
    said["response"] = dict(said["response"])
    said.setdefault("clientExtensionResults", {})
    return said
