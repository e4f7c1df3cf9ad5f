import { useCallback, useEffect, useMemo, useRef } from "react";

import type { Tile } from "../../state/room/tiles";
import { type Shown, wishes } from "../../state/room/watch";
import { useTools } from "../attendance";

/** As many pictures as a browser's link has places for. */
const SLOTS = 8;
/** Tiles move in steps while a window is dragged; the relay is told when they rest. */
const SETTLE_MS = 80;

/** Registers the element of a tile, so that its height is known while it is on the screen. */
export type Measure = (key: string, element: HTMLElement | null) => void;

/** Tells the relay which pictures are on the screen, and how high. */
export function useWatch(tiles: readonly Tile[], principal: string | null): Measure {
  const { attendance } = useTools();
  const shown = useRef(new Map<string, { element: HTMLElement; isSeen: boolean }>());
  const latest = useRef({ tiles, principal });
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);

  const tell = useCallback(() => {
    timer.current = null;
    const { tiles: all, principal: first } = latest.current;
    if (all.length === 0) return;
    const isHidden = document.visibilityState === "hidden";
    const onScreen = isHidden ? [] : all.flatMap((tile) => seen(tile, shown.current));
    onScreen.sort((one, other) => Number(other.key === first) - Number(one.key === first));
    attendance.watch(wishes(onScreen, attendance.snapshot().wishes ?? [], SLOTS));
  }, [attendance]);

  const soon = useCallback(() => {
    timer.current ??= setTimeout(tell, SETTLE_MS);
  }, [tell]);

  const observers = useMemo(() => makeObservers(shown.current, soon), [soon]);
  useEffect(() => {
    latest.current = { tiles, principal };
    soon();
  }, [tiles, principal, soon]);
  useEffect(() => {
    document.addEventListener("visibilitychange", soon);
    return () => {
      document.removeEventListener("visibilitychange", soon);
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    };
  }, [soon]);

  return useCallback(
    (key, element) => {
      const before = shown.current.get(key);
      if (before?.element === element) return;
      if (before !== undefined) observers.forget(before.element);
      if (element === null) shown.current.delete(key);
      else {
        shown.current.set(key, { element, isSeen: true });
        observers.watch(element);
      }
      soon();
    },
    [observers, soon],
  );
}

function seen(
  tile: Tile,
  shown: ReadonlyMap<string, { element: HTMLElement; isSeen: boolean }>,
): (Shown & { readonly key: string })[] {
  const place = shown.get(tile.key);
  const { track } = tile;
  if (place === undefined || !place.isSeen || track === null || track.muted) return [];
  if (tile.participant.is_self) return [];
  const height = place.element.clientHeight * window.devicePixelRatio;
  return [{ key: tile.key, track: track.id, height }];
}

function makeObservers(
  shown: ReadonlyMap<string, { element: HTMLElement; isSeen: boolean }>,
  soon: () => void,
) {
  const sizes = new ResizeObserver(soon);
  const sight = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      for (const place of shown.values()) {
        if (place.element === entry.target) place.isSeen = entry.isIntersecting;
      }
    }
    soon();
  });
  return {
    watch(element: HTMLElement) {
      sizes.observe(element);
      sight.observe(element);
    },
    forget(element: HTMLElement) {
      sizes.unobserve(element);
      sight.unobserve(element);
    },
  };
}
