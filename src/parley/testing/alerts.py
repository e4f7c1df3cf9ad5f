"""Alerts between whole nodes under test: released, acknowledged and answered by people with keys.

A person's act is an entry and the assertion of a passkey over its hash, both in one checkpoint, as
the pages make them. The passkey is one of :mod:`parley.testing.authenticator`; its enrolment is in
the record like any other.
"""

import hashlib
from collections.abc import Sequence

from parley.crisis.bodies import (
    AlertBody,
    alert_body,
)
from parley.ids import ActorId, PartyId, SpaceId, ThreadId
from parley.record.cbor import Value
from parley.record.entry import Precedence
from parley.record.keeping import EntryDraft
from parley.record.kinds import Kind
from parley.testing.nodes import NodeUnderTest


def actor_of(node: NodeUnderTest, who: str) -> ActorId:
    """Return the pseudonym of somebody at a node."""
    return ActorId(hashlib.sha256(f"{node.name} {who}".encode()).digest()[:16])


async def released(
    near: NodeUnderTest,
    far: NodeUnderTest,
    text: str,
    precedence: Precedence = Precedence.FLASH,
    *,
    parties: Sequence[PartyId] = (),
    is_exercise: bool = False,
    reaches_principals: bool = False,
) -> bytes:
    """Append an alert of ``near`` to ``far`` as its node would; return its hash."""
    body = AlertBody(
        texts=(("en", text),),
        parties=tuple(parties) or (far.party,),
        drafter=actor_of(near, "drafter"),
        verifier=actor_of(near, "verifier"),
        is_exercise=is_exercise,
        reaches_principals=reaches_principals,
    )
    thread = ThreadId(hashlib.sha256(text.encode()).digest()[:16])
    return await said(
        *(near, far, Kind.ALERT, alert_body(body)),
        actor=actor_of(near, "releaser"),
        precedence=precedence,
        thread=thread,
    )


async def said(
    near: NodeUnderTest,
    far: NodeUnderTest,
    kind: Kind | int,
    body: dict[int, Value] | bytes,
    *,
    refs: tuple[bytes, ...] = (),
    actor: ActorId | None = None,
    precedence: Precedence | None = None,
    thread: ThreadId | None = None,
) -> bytes:
    """Append any entry to the log of ``near`` in its space with ``far``; return its hash."""
    draft = EntryDraft(
        kind=kind, body=body, actor=actor, thread=thread, refs=refs, precedence=precedence
    )
    space = SpaceId.of_pair(near.party, far.party)
    return (await near.node.record.append_draft(space, draft)).hash
