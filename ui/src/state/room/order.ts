/**
 * The agreed order of a room: parties as the room lists them, people as they came.
 *
 * Both sides compute the same order from the same room, so that nobody sits higher by accident of
 * an alphabet.
 */
import type { Participant, Party, PartyId } from "../../api/types";

/** One party with its people, in the room's order. */
export interface Delegation {
  readonly party: Party;
  readonly participants: readonly Participant[];
}

/** People in the room's order. Parties the room does not list follow, in order of arrival. */
export function inOrder(
  roster: readonly Participant[],
  parties: readonly Pick<Party, "id">[],
): readonly Participant[] {
  return delegations(roster, parties).flatMap((each) => each.participants);
}

/** People by party, in the room's order; parties without anybody are left out. */
export function delegations(
  roster: readonly Participant[],
  parties: readonly Pick<Party, "id">[],
): readonly Delegation[] {
  const order = new Map<PartyId, Participant[]>(parties.map((party) => [party.id, []]));
  for (const participant of roster) {
    const seats = order.get(participant.party.id);
    if (seats === undefined) order.set(participant.party.id, [participant]);
    else seats.push(participant);
  }
  return [...order.values()].flatMap((participants) => {
    const [first] = participants;
    return first === undefined ? [] : [{ party: first.party, participants }];
  });
}
