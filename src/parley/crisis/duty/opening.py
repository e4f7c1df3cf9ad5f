"""The node's own key for Web Push, made where there is none yet."""

import os
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from parley.config import Settings
from parley.config.secret_file import read_secret
from parley.crisis.duty.carriers import PushCarrier
from parley.errors import SettingsUnreadable

PUSH_KEY: Final = "push.key"
"""File of the key, beside the settings. Without it every device must subscribe anew."""
_NO_KEY: Final = "no P-256 key"


def open_push(settings: Settings) -> PushCarrier | None:
    """Return what calls devices, None if the settings name nobody to write to (RFC 8292).

    Raises:
        SecretExposed, SettingsUnreadable: the key's file cannot be used.
    """
    if not settings.escalation.push_contact:
        return None
    file = settings.path(PUSH_KEY)
    if not file.exists():
        fresh = ec.generate_private_key(ec.SECP256R1())
        content = fresh.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
    try:
        key = serialization.load_pem_private_key(read_secret(file).encode(), None)
    except ValueError as error:
        raise SettingsUnreadable(file=str(file), reason=_NO_KEY) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise SettingsUnreadable(file=str(file), reason=_NO_KEY)
    return PushCarrier(settings.escalation, key)
