import { useQuery } from "@tanstack/react-query";

import { readCalls } from "../../api/papers";
import type { CallRequest } from "../../api/paper-types";
import type { RoomId } from "../../api/types";
import { useDesk } from "../desk/context";
import { roomTitle } from "./exchange";

const ASK_EVERY_MS = 2_000;
const TITLE = /^Call [0-9a-f]{8}$/;

/** What is agreed to be sent in a room: not known yet, the voice alone, or whatever one likes. */
export type Agreed = "unknown" | "voice" | "any";

/** The call that a room is for, if it is for one, and by what means it was agreed on. */
export function useCallOfRoom(id: RoomId): {
  readonly call: CallRequest | null;
  readonly agreed: Agreed;
} {
  const { rooms, self } = useDesk();
  const room = rooms?.find((each) => each.id === id);
  const isCall = room !== undefined && TITLE.test(room.title);
  const mayRead = self?.may.includes("call.read") ?? false;
  const read = useQuery({
    queryKey: ["call-of-room", id],
    enabled: isCall && mayRead,
    refetchInterval: ASK_EVERY_MS,
    queryFn: async () => {
      const calls = await readCalls();
      // A title can be anybody's: the call must be between the parties of the room.
      const parties = new Set<string>(room?.parties.map((party) => party.id));
      const isOurs = (call: CallRequest) =>
        Object.keys(call.asked.by_party).every((party) => parties.has(party));
      return calls.find((each) => roomTitle(each.hash) === room?.title && isOurs(each)) ?? null;
    },
  });
  const call = read.data ?? null;
  if (rooms == null || self == null) return { call: null, agreed: "unknown" };
  if (isCall && mayRead && read.isPending) return { call: null, agreed: "unknown" };
  return { call, agreed: call?.mode === "voice" ? "voice" : "any" };
}
