"""Terms of a line that two nodes under test agree on, as their releasers would."""

from parley.crisis.checks.terms import line_agreement
from parley.ids import SpaceId
from parley.record.line_agreement import find_version, newest_terms, proposal, signature
from parley.record.line_terms import LineTerms
from parley.testing.nodes import Nodes, NodeUnderTest
from parley.testing.signing import append_signed


async def agree_terms(
    nodes: Nodes, near: NodeUnderTest, far: NodeUnderTest, terms: LineTerms
) -> None:
    """Let one node propose terms and both sign them; they are in force when this returns."""
    space = SpaceId.of_pair(near.party, far.party)
    oleg, maria = await near.person("Oleg"), await far.person("Maria")
    versions = await near.node.database.read(lambda c: line_agreement(c, space))
    before = newest_terms(versions, near.party)
    made = await near.node.record.append_draft(
        space, proposal(space, "As agreed.", oleg.actor, terms, before)
    )
    await nodes.seconds(2)
    for node, person in ((near, oleg), (far, maria)):
        versions = await node.node.database.read(lambda c: line_agreement(c, space))
        version = find_version(versions, made.hash)
        draft = signature(space, (near.party, far.party), version, person.actor)
        await append_signed(node, person, node.node.record.prepare_draft(space, draft))
    await nodes.seconds(2)
