/** Roles that are lent, or asked for, as the desk hears of them. */
import { useQuery } from "@tanstack/react-query";

import { readBrokenGlass } from "../api/people";
import type { BrokenGlass } from "../api/people-types";
import { useDesk } from "./desk/context";

/**
 * Roles that somebody asks for or has now. The desk's socket tells of each change at once; without
 * it the node is asked when the page is shown.
 */
export function useLent(): readonly BrokenGlass[] {
  const { self, contact, lent } = useDesk();
  const may = self?.may.includes("office.read") ?? false;
  const read = useQuery({
    queryKey: ["break-glass"],
    queryFn: readBrokenGlass,
    enabled: may && contact !== "live",
    retry: false,
  });
  const told = contact === "live" ? lent : (read.data ?? lent);
  return told.filter(({ state }) => state === "asked" || state === "open");
}
