import { useSyncExternalStore } from "react";

/** One clock for the whole page: every age on it ticks together, once a second. */
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

/** This machine's time, to the second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
