/** Readers of parties, which every part of the node's words names. */
import * as read from "./decode";
import type { Party, PartyId } from "./types";

/** Reads a party's id. */
export const partyId = read.id<PartyId>();
/** Reads a party. */
export const party = read.shape<Party>({ id: partyId, name: read.text });
