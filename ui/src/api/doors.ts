/** Who of our party may enter a room, or the room of a call. */
import * as read from "./decode";
import { ask, tell } from "./node";
import type { RoomId } from "./types";

export const CAPACITIES = ["official", "interpreter", "staff"] as const;
/** As what somebody enters. */
export type Capacity = (typeof CAPACITIES)[number];

/** A person or an office of ours that may enter. */
export interface Named {
  readonly capacity: Capacity;
  readonly person: string | null;
  readonly office: string | null;
  /** What everybody in the room sees instead of the person's name. */
  readonly shown_as: string | null;
}

/** The same with its name here. */
export interface NamedHere extends Named {
  readonly name: string;
}

/** Who of our party may enter a room. */
export interface Door {
  readonly is_restricted: boolean;
  /** Whether somebody made the list; else it follows from the call's request. */
  readonly is_set: boolean;
  readonly call: string | null;
  /** Who of ours speaks in the call, in the words of the request. */
  readonly official: string | null;
  readonly named: readonly NamedHere[];
  readonly may_enter: boolean;
  readonly may_change: boolean;
}

const door = read.shape<Door>({
  is_restricted: read.flag,
  is_set: read.flag,
  call: read.orNull(read.text),
  official: read.orNull(read.text),
  named: read.list(
    read.shape<NamedHere>({
      capacity: read.oneOf(CAPACITIES),
      person: read.orNull(read.text),
      office: read.orNull(read.text),
      name: read.text,
      shown_as: read.orNull(read.text),
    }),
  ),
  may_enter: read.flag,
  may_change: read.flag,
});

/** Where the door of a room is asked for. */
export function doorOfRoom(room: RoomId): string {
  return `/api/rooms/${encodeURIComponent(room)}/door`;
}

/** Where the door of a call's room is asked for. */
export function doorOfCall(hash: string): string {
  return `/api/call-requests/${encodeURIComponent(hash)}/door`;
}

/** Who may enter. */
export async function readDoor(where: string): Promise<Door> {
  return ask(where, door);
}

/** Lets these alone enter; null: no list of ours. */
export async function changeDoor(where: string, named: readonly Named[] | null): Promise<Door> {
  return tell("PUT", where, { named }, door);
}
