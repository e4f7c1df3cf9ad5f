import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { useTools } from "../attendance";

/** What the page does on keys that the attendance does not know. */
export interface ShortcutActs {
  onHelp(): void;
  onLayout(): void;
}

/**
 * The keys of the room. By the place of the key, not the letter on it: they work in every script.
 * A person who dictates to the computer can switch them off (WCAG 2.1.4); Space held is talk then too.
 */
export function useShortcuts(acts: ShortcutActs): void {
  const { attendance } = useTools();
  const navigate = useNavigate();
  const latest = useRef(acts);
  useEffect(() => {
    latest.current = acts;
  });
  useEffect(() => {
    const single: Readonly<Record<string, () => void>> = {
      KeyM: () => attendance.turn("microphone", !attendance.snapshot().mine.microphone),
      KeyV: () => attendance.turn("camera", !attendance.snapshot().mine.camera),
      KeyS: () => attendance.turn("screen", !attendance.snapshot().mine.screen),
      KeyG: () => latest.current.onLayout(),
    };
    const down = (event: KeyboardEvent) => {
      if (isTaken(event)) return;
      if (event.code === "Space" && !isPressable(event.target)) {
        event.preventDefault();
        event.stopPropagation();
        if (!event.repeat) attendance.holdTalk(true);
        return;
      }
      if (event.repeat || !attendance.devices.snapshot().choices.has_shortcuts) return;
      if (event.key === "?") latest.current.onHelp();
      else if (event.shiftKey && event.code === "KeyL") {
        attendance.leave();
        void navigate({ to: "/" });
      } else if (!event.shiftKey) single[event.code]?.();
    };
    const up = (event: KeyboardEvent) => {
      if (event.code === "Space") attendance.holdTalk(false);
    };
    const gone = () => attendance.holdTalk(false);
    window.addEventListener("keydown", down, { capture: true });
    window.addEventListener("keyup", up, { capture: true });
    // A key let go in another window is never heard of here.
    window.addEventListener("blur", gone);
    return () => {
      window.removeEventListener("keydown", down, { capture: true });
      window.removeEventListener("keyup", up, { capture: true });
      window.removeEventListener("blur", gone);
    };
  }, [attendance, navigate]);
}

/** Keys that belong to a field, a list, a sheet or the browser. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const { target } = event;
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable], [role=dialog], [role=listbox]") !==
      null
  );
}

/** A button reached by keyboard keeps its Space; one that was clicked with a mouse does not need it. */
function isPressable(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("button, a, [role=button]")?.matches(":focus-visible") === true
  );
}
