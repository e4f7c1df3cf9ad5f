import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

const SETTING = "parley.watch.keys";

/** Whether single keys do something (WCAG 2.1.4): a person who dictates can switch them off. */
export function hasSingleKeys(): boolean {
  return localStorage.getItem(SETTING) !== "off";
}

/** Switches single keys on or off for this browser. */
export function setSingleKeys(isOn: boolean): void {
  localStorage.setItem(SETTING, isOn ? "on" : "off");
}

/** What a page of the watch does on keys; what it does not name does nothing. */
export interface KeyActs {
  readonly onHelp?: () => void;
  readonly onCheck?: () => void;
  readonly onWrite?: () => void;
  readonly onAcknowledge?: () => void;
  readonly onAnswer?: () => void;
  readonly onTranslate?: () => void;
  readonly onClose?: () => void;
}

/** By the place of the key, not the letter on it: they work in every script. */
export function useWatchKeys(acts: KeyActs): void {
  const navigate = useNavigate();
  const latest = useRef(acts);
  useEffect(() => {
    latest.current = acts;
  });
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      if (isTaken(event) || !hasSingleKeys()) return;
      if (event.key === "?") {
        latest.current.onHelp?.();
        return;
      }
      if (event.shiftKey) return;
      const { onCheck, onWrite, onAcknowledge, onAnswer, onTranslate, onClose } = latest.current;
      const single: Readonly<Record<string, (() => void) | undefined>> = {
        KeyS: onCheck,
        KeyN: onWrite,
        KeyR: onAnswer,
        KeyT: onTranslate,
        KeyC: onClose,
        KeyA: onAcknowledge ?? openRinging,
        KeyJ: () => step(1),
        KeyK: () => step(-1),
        KeyW: () => void navigate({ to: "/watch" }),
      };
      const act = single[event.code];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, [navigate]);
}

/** Goes to what rings loudest. */
function openRinging(): void {
  document.querySelector<HTMLElement>("[data-testid=ring-open]")?.click();
}

/** Moves the focus from alert to alert. */
function step(by: number): void {
  const items = [...document.querySelectorAll<HTMLElement>("[data-watch-item]")];
  const at = items.findIndex((each) => each === document.activeElement);
  const next = at === -1 ? (by > 0 ? 0 : items.length - 1) : at + by;
  items[Math.max(0, Math.min(items.length - 1, next))]?.focus();
}

/** Keys that belong to a field, a list, a sheet or the browser. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const { target } = event;
  return (
    target instanceof Element &&
    target.closest(
      "input, textarea, select, [contenteditable], [role=dialog], [role=alertdialog], [role=listbox]",
    ) !== null
  );
}
