/** What the watch asks of the node, and how it is kept current. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { readAlert, readDrafts, readLateAlerts, readOpenAlerts } from "../../api/alerts";
import { readOffices } from "../../api/people";
import { useNow } from "../../components/now";
import { useDesk } from "../desk/context";

/** Asked again so often even if nothing was told: a lost frame must not hide an alert. */
const ASK_EVERY_MS = 5_000;
const STAFF_EVERY_MS = 15_000;

/** Everything about alerts is asked anew as soon as the node says that something changed. */
export function useAlertNews(): void {
  const queries = useQueryClient();
  const { alerts } = useDesk();
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ["alerts"] });
    // Whatever the number is: that it changed is the news.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
  }, [queries, alerts]);
}

/** Alerts with something left to do. */
export function useOpenAlerts() {
  const isAllowed = useMay("alert.read");
  return useQuery({
    queryKey: ["alerts", "open"],
    queryFn: readOpenAlerts,
    refetchInterval: ASK_EVERY_MS,
    // A hidden tab rings too.
    refetchIntervalInBackground: true,
    enabled: isAllowed,
  });
}

/** The last alerts, whatever became of them. */
export function useLateAlerts() {
  return useQuery({
    queryKey: ["alerts", "late"],
    queryFn: readLateAlerts,
    enabled: useMay("alert.read"),
  });
}

/** One alert. */
export function useAlert(hash: string) {
  return useQuery({
    queryKey: ["alerts", "one", hash],
    queryFn: async () => readAlert(hash),
    refetchInterval: ASK_EVERY_MS,
  });
}

/** What is being written. */
export function useDrafts() {
  return useQuery({
    queryKey: ["alerts", "drafts"],
    queryFn: readDrafts,
    enabled: useMay("alert.draft"),
  });
}

/** Offices, and who is on duty. */
export function useOffices() {
  return useQuery({
    queryKey: ["offices"],
    queryFn: readOffices,
    refetchInterval: STAFF_EVERY_MS,
    refetchIntervalInBackground: true,
    enabled: useMay("office.read"),
  });
}

/** Whether the person may do an act of the permission table. */
export function useMay(act: string): boolean {
  return useDesk().self?.may.includes(act) ?? false;
}

/** The present by the node's clock, which dates everything shown. */
export function useNodeNow(): number {
  return useNow() + useDesk().clock_offset_ms;
}
