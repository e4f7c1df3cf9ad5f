/** What the pages ask of the node about line checks. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { presentCheck, readChecks } from "../../api/checks";
import type { LineCheck } from "../../api/check-types";
import { useMay } from "../watch/live";

const ASK_EVERY_MS = 4_000;
const KEY = ["checks"];

/** The checks of every line, kept current; a hidden tab goes on asking. */
export function useChecks() {
  return useQuery({
    queryKey: KEY,
    queryFn: readChecks,
    refetchInterval: ASK_EVERY_MS,
    refetchIntervalInBackground: true,
    enabled: useMay("check.read"),
  });
}

/** Asks anew at once, after something was done here. */
export function useChecksAgain(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: KEY });
}

/**
 * Tells the node that this desk shows a check of theirs, once: only a page that is looked at, by
 * somebody who may answer. That an auditor saw it says nothing of whether the desk is staffed.
 */
export function usePresented(check: LineCheck | null): void {
  const mayAnswer = useMay("check.answer");
  const hash = mayAnswer && check !== null && check.may.includes("type") ? check.hash : null;
  useEffect(() => {
    if (hash === null) return undefined;
    const tell = () => {
      if (document.visibilityState === "visible") void presentCheck(hash).catch(() => undefined);
    };
    tell();
    document.addEventListener("visibilitychange", tell);
    return () => document.removeEventListener("visibilitychange", tell);
  }, [hash]);
}
