"""Acts that bind, over HTTP: the entry is made and shown to a passkey, then brought back signed.

Every route of this kind is two: one *begins*, with the entry that is to be appended, and answers
with what an authenticator is to sign; the other *finishes*, with what it signed, and appends the
entry to the byte (:mod:`parley.web.signatures`).
"""

from starlette.requests import Request
from starlette.responses import Response

from parley.identity.permission import OURS, Act, Whose
from parley.identity.sign_in import SignedIn
from parley.record.keeping import Acceptance, Appended, PreparedEntry
from parley.web.ceremony import CredentialGiven, ceremony_answer, options_answer
from parley.web.parts import parts_of
from parley.web.signatures import Signatures


async def begin_signing(
    request: Request, asking: SignedIn, act: Act, prepared: PreparedEntry, whose: Whose = OURS
) -> Response:
    """Keep an entry until its person has signed it; answer with what is to be signed.

    Args:
        request: the request, for the node's services.
        asking: who is to sign.
        act: what they do by it.
        prepared: the entry.
        whose: whose the thing is that they do it to.

    Raises:
        ActRefused: the person may not, passkey or no passkey.
        PasskeyMissing: the person has none.
    """
    parts = parts_of(request)
    return options_answer(await _waiting(request).begin(parts, asking, act, prepared, whose))


async def finish_signing(
    request: Request,
    asking: SignedIn,
    act: Act,
    given: CredentialGiven,
    subject: bytes | None = None,
    accept: Acceptance | None = None,
) -> Appended:
    """Append an entry that a person has signed; return it as appended.

    Args:
        request: the request, for the node's services.
        asking: who signed.
        act: what they do by it; the act it was begun for.
        given: what the authenticator answered.
        subject: hash of the entry that the signed one must refer to, if it is about one.
        accept: what judges the entry once more, just before it is appended.

    Raises:
        ChallengeUnknown: no such entry waits for them.
        PasskeyUnknown, PasskeyRefused, PasskeySuspect: the signature does not count.
        ActRefused: the person may not do this any more.
    """
    appended = await _waiting(request).finish(
        parts_of(request), asking, act, ceremony_answer(given), subject, accept
    )
    return appended[0]


def _waiting(request: Request) -> Signatures:
    """Return the entries that wait for a passkey on this node."""
    state = request.app.state
    if not hasattr(state, "signatures"):
        state.signatures = Signatures()
    found: Signatures = state.signatures
    return found
