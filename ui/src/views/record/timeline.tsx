import { useLingui } from "@lingui/react/macro";
import { useEffect, useMemo, useRef, useState } from "react";

import type { Entry, RecordSpace } from "../../api/record-types";
import { useFormat } from "../../i18n/format";
import { byDay, entryKey, stepFrom } from "../../state/record/timeline";
import { useDesk } from "../desk/context";
import { EntryItem } from "./entry-item";

/** The entries by day, the newest first; J and K or the arrows go through them, Enter opens. */
export function Timeline(props: {
  readonly space: RecordSpace;
  readonly entries: readonly Entry[];
  readonly isModal: boolean;
  readonly onOpen: (entry: Entry) => void;
  readonly onThread: (thread: string) => void;
}) {
  const { t } = useLingui();
  const format = useFormat();
  const { self } = useDesk();
  const zone = self?.party.time_zone ?? "UTC";
  const days = useMemo(
    () => byDay(props.entries, (at) => format.date(at, zone)),
    [props.entries, format, zone],
  );
  const shown = useMemo(() => days.flatMap((day) => day.entries), [days]);
  const keys = useMemo(() => shown.map(entryKey), [shown]);
  const [current, setCurrent] = useState<string | null>(null);
  const places = useRef(new Map<string, HTMLLIElement>());
  const known = current !== null && keys.includes(current) ? current : (keys[0] ?? null);
  useFocusedEntry(setCurrent);
  useKeys(props.isModal, (steps, isHere) => {
    if (steps === 0) {
      const entry = shown.find((each) => entryKey(each) === known);
      if (isHere && entry !== undefined) props.onOpen(entry);
      return;
    }
    const next = isHere ? stepFrom(keys, known, steps) : known;
    if (next === null) return;
    setCurrent(next);
    places.current.get(next)?.focus();
  });
  return (
    <section className="timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title" className="unseen">{t`Entries, the newest first`}</h2>
      {days.map((day) => (
        <section key={day.date} className="day" aria-label={day.date}>
          <h3 className="day-date figures">{day.date}</h3>
          <ol className="entries">
            {day.entries.map((entry) => {
              const key = entryKey(entry);
              return (
                <EntryItem
                  key={key}
                  entry={entry}
                  space={props.space}
                  isOurs={entry.party.id === self?.party.id}
                  isCurrent={key === known}
                  place={(element) => {
                    if (element === null) places.current.delete(key);
                    else places.current.set(key, element);
                  }}
                  onOpen={() => props.onOpen(entry)}
                  onThread={() => {
                    if (entry.thread !== null) props.onThread(entry.thread);
                  }}
                />
              );
            })}
          </ol>
        </section>
      ))}
    </section>
  );
}

/** By the place of the key, not the letter on it: they work in every script. */
const STEPS: Readonly<Record<string, number>> = {
  KeyJ: 1,
  ArrowDown: 1,
  KeyK: -1,
  ArrowUp: -1,
  Home: -Infinity,
  End: Infinity,
  Enter: 0,
};

/** Follows the focus, however it came: by key, by pointer, into a button of an entry. */
function useFocusedEntry(onFocus: (key: string) => void): void {
  useEffect(() => {
    const focused = (event: FocusEvent) => {
      const place = event.target instanceof Element ? event.target.closest(".entry") : null;
      const key = place?.getAttribute("data-key");
      if (key != null) onFocus(key);
    };
    window.addEventListener("focusin", focused);
    return () => window.removeEventListener("focusin", focused);
  }, [onFocus]);
}

function useKeys(isModal: boolean, act: (steps: number, isHere: boolean) => void): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    if (isModal) return undefined;
    const down = (event: KeyboardEvent) => {
      const steps = STEPS[event.code];
      if (steps === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof Element ? event.target : null;
      const isHere = target?.matches(".entry") === true;
      // The letters work wherever nothing is written; the arrows only from an entry.
      const isLetter = event.code.startsWith("Key");
      const isTaken =
        target?.closest("input, textarea, select, [role=listbox], [role=dialog]") !== null;
      if (isLetter ? isTaken : !isHere) return;
      event.preventDefault();
      latest.current(steps, isHere);
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, [isModal]);
}
