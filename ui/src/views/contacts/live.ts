/** What the pages ask of the node about contacts. */
import { useQuery, useQueryClient } from "@tanstack/react-query";

import { readContacts } from "../../api/contacts";
import { useMay } from "../watch/live";

/** Who is there now changes by the minute; a list changes by the month. */
const ASK_EVERY_MS = 20_000;
const KEY = ["contacts"];

/** The directories of every line, kept current. */
export function useContacts() {
  return useQuery({
    queryKey: KEY,
    queryFn: readContacts,
    refetchInterval: ASK_EVERY_MS,
    enabled: useMay("contact.read"),
  });
}

/** Asks anew at once, after something was done here. */
export function useContactsAgain(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: KEY });
}
