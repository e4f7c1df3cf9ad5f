/** What the pages of notifications ask the node, under one name each. */
import { useQueries, useQuery } from "@tanstack/react-query";

import {
  readDrafts,
  readNotifications,
  readNumberFaults,
  readReminders,
  readTypes,
} from "../../api/papers";
import type { NotificationType } from "../../api/paper-types";
import { readSpaces } from "../../api/record";
import type { RecordSpace } from "../../api/record-types";
import { useDesk } from "../desk/context";

/** Receipts and questions come by the record, at any time. */
const ASK_EVERY_MS = 5_000;

/** The records kept with one other party. */
export function useLinesOfRecord(): readonly RecordSpace[] {
  const { spaces: told } = useDesk();
  const read = useQuery({ queryKey: ["spaces"], queryFn: readSpaces, enabled: told === null });
  return (told ?? read.data ?? []).filter(({ members }) => members.length === 2);
}

/** Every type of every line. */
export function useTypes(): readonly NotificationType[] {
  const spaces = useLinesOfRecord();
  const asked = useQueries({
    queries: spaces.map(({ id }) => ({
      queryKey: ["notification-types", id],
      queryFn: async () => readTypes(id),
      refetchInterval: ASK_EVERY_MS,
    })),
  });
  return asked.flatMap(({ data }) => data ?? []);
}

export function useNotifications() {
  return useQuery({
    queryKey: ["notifications"],
    queryFn: readNotifications,
    refetchInterval: ASK_EVERY_MS,
  });
}

export function useNumberFaults() {
  return useQuery({
    queryKey: ["notification-numbers"],
    queryFn: readNumberFaults,
    refetchInterval: ASK_EVERY_MS,
  });
}

export function useReminders() {
  return useQuery({
    queryKey: ["notification-reminders"],
    queryFn: readReminders,
    refetchInterval: ASK_EVERY_MS,
  });
}

/** What is being written here; nothing for whoever may not. */
export function useDrafts() {
  const { self } = useDesk();
  return useQuery({
    queryKey: ["notification-drafts"],
    queryFn: readDrafts,
    refetchInterval: ASK_EVERY_MS,
    enabled: self?.may.includes("notification.draft") ?? false,
  });
}

/** What a party is called here. */
export function usePartyName(): (party: string) => string {
  const { self, lines } = useDesk();
  return (party) => {
    if (party === self?.party.id) return self.party.name;
    const line = lines?.find((each) => each.party.id === party);
    return line?.party.name ?? party.slice(0, 8);
  };
}
