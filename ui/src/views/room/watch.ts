import { useCallback, useEffect, useState } from "react";

import type { Attendance } from "../../room/contract";
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
  const [watcher] = useState(() => new Watcher(attendance));
  useEffect(() => watcher.show(tiles, principal), [watcher, tiles, principal]);
  useEffect(() => watcher.start(), [watcher]);
  return useCallback((key, element) => watcher.place(key, element), [watcher]);
}

/** Where a tile is on the page. */
interface Place {
  readonly element: HTMLElement;
  isSeen: boolean;
}

class Watcher {
  readonly #places = new Map<string, Place>();
  readonly #sizes = new ResizeObserver(() => this.#soon());
  readonly #sight = new IntersectionObserver((entries) => this.#seen(entries));
  #tiles: readonly Tile[] = [];
  #principal: string | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly attendance: Attendance) {}

  /** Watches for a page that is hidden or shown; the answer stops. */
  start(): () => void {
    const soon = () => this.#soon();
    document.addEventListener("visibilitychange", soon);
    return () => {
      document.removeEventListener("visibilitychange", soon);
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#timer = null;
    };
  }

  /** Takes over what the stage shows. */
  show(tiles: readonly Tile[], principal: string | null): void {
    this.#tiles = tiles;
    this.#principal = principal;
    this.#soon();
  }

  /** Takes over where a tile is; null when it is gone. */
  place(key: string, element: HTMLElement | null): void {
    const before = this.#places.get(key);
    if (before?.element === element) return;
    if (before !== undefined) {
      this.#sizes.unobserve(before.element);
      this.#sight.unobserve(before.element);
    }
    if (element === null) this.#places.delete(key);
    else {
      this.#places.set(key, { element, isSeen: true });
      this.#sizes.observe(element);
      this.#sight.observe(element);
    }
    this.#soon();
  }

  #seen(entries: readonly IntersectionObserverEntry[]): void {
    const places = [...this.#places.values()];
    for (const entry of entries) {
      const place = places.find((each) => each.element === entry.target);
      if (place !== undefined) place.isSeen = entry.isIntersecting;
    }
    this.#soon();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#tell();
    }, SETTLE_MS);
  }

  #tell(): void {
    if (this.#tiles.length === 0) return;
    const isHidden = document.visibilityState === "hidden";
    const first = this.#tiles.filter((tile) => tile.key === this.#principal);
    const rest = this.#tiles.filter((tile) => tile.key !== this.#principal);
    const shown = isHidden ? [] : [...first, ...rest].flatMap((tile) => this.#shown(tile));
    this.attendance.watch(wishes(shown, this.attendance.snapshot().wishes ?? [], SLOTS));
  }

  #shown({ key, track, participant }: Tile): readonly Shown[] {
    const place = this.#places.get(key);
    if (place === undefined || !place.isSeen || participant.is_self) return [];
    if (track === null || track.muted) return [];
    const height = place.element.clientHeight * window.devicePixelRatio;
    return [{ track: track.id, height }];
  }
}
