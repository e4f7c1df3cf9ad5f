import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  AT_FIRST,
  backoff,
  EVENTS,
  type Event,
  type Standing,
  STATES,
  step,
  TRANSITIONS,
} from "./machine";

const NOW = 5_000;
const at = (state: Standing["state"], more: Partial<Standing> = {}): Standing => ({
  ...AT_FIRST,
  state,
  ...more,
});
const acts = (from: Standing, event: Event) => step(from, event, NOW).acts.map((act) => act.do);

/** Every pair that leads elsewhere, written out a second time: the table may not drift unseen. */
const MOVES: Readonly<Record<string, string>> = {
  "ready join": "joining",
  "ready leave": "left",
  "ready refused": "refused",
  "ready ended": "ended",
  "joining connected": "live",
  "joining media_lost": "waiting",
  "joining socket_lost": "waiting",
  "joining attempt_failed": "waiting",
  "joining woke": "mending",
  "live media_faltered": "faltering",
  "live media_lost": "mending",
  "live socket_lost": "mending",
  "live silence": "mending",
  "live woke": "mending",
  "faltering connected": "live",
  "faltering media_lost": "mending",
  "faltering socket_lost": "mending",
  "faltering silence": "mending",
  "faltering woke": "mending",
  "faltering nudge": "mending",
  "mending connected": "live",
  "mending media_lost": "waiting",
  "mending socket_lost": "waiting",
  "mending attempt_failed": "waiting",
  "waiting retry_due": "mending",
  "waiting nudge": "mending",
  "waiting woke": "mending",
  "replaced take_back": "mending",
  "replaced ended": "ended",
  "replaced leave": "left",
  "refused take_back": "mending",
  "refused ended": "ended",
  "refused leave": "left",
  "ended leave": "left",
};
for (const state of ["joining", "live", "faltering", "mending", "waiting"]) {
  Object.assign(MOVES, {
    [`${state} replaced`]: "replaced",
    [`${state} refused`]: "refused",
    [`${state} ended`]: "ended",
    [`${state} leave`]: "left",
  });
}

describe.each(STATES)("while %s", (state) => {
  test.each(EVENTS)("%s leads where the table says", (event) => {
    expect(TRANSITIONS[state][event]).toBe(MOVES[`${state} ${event}`] ?? state);
    expect(step(at(state), event, NOW).standing.state).toBe(TRANSITIONS[state][event]);
  });
});

describe("an attendance", () => {
  test("asks on the prepared socket when it joins", () => {
    expect(step(AT_FIRST, "join", NOW).acts).toEqual([{ do: "attempt", is_fresh: false }]);
  });

  test.each(["silence", "media_lost", "woke", "media_faltered"] as const)(
    "stops sending before anything else on %s",
    (event) => {
      expect(acts(at("live"), event)[0]).toBe("stop_sending");
      expect(step(at("live"), event, NOW).standing.is_silenced).toBe(true);
    },
  );

  test("keeps sending for three seconds when only the socket was lost", () => {
    expect(acts(at("live"), "socket_lost")).toEqual(["attempt"]);
    expect(acts(at("mending"), "silence")).toEqual(["stop_sending"]);
    expect(acts(at("waiting"), "silence")).toEqual(["stop_sending"]);
  });

  test("is not silenced twice", () => {
    expect(acts(at("mending", { is_silenced: true }), "silence")).toEqual([]);
  });

  test("uses the socket again when only the medium was lost", () => {
    const [, attempt] = step(at("live"), "media_lost", NOW).acts;
    expect(attempt).toEqual({ do: "attempt", is_fresh: false });
  });

  test("sends again once it hears", () => {
    const { standing, acts: done } = step(
      at("mending", { is_silenced: true, attempts: 4, cause: "sleep" }),
      "connected",
      NOW,
    );
    expect(done).toEqual([{ do: "start_sending" }]);
    expect(standing).toEqual({ ...AT_FIRST, state: "live" });
  });

  test("keeps the cause while attempts fail", () => {
    const lost = step(at("live"), "silence", NOW).standing;
    const failed = step(lost, "attempt_failed", NOW).standing;
    expect(failed.cause).toBe("silence");
  });

  test("counts its attempts and says when the next is due", () => {
    const { standing } = step(at("mending", { attempts: 2 }), "attempt_failed", NOW);
    expect(standing).toMatchObject({ attempts: 3, retry_at: NOW + 800 });
    expect(step(standing, "silence", NOW + 100).standing.retry_at).toBe(NOW + 800);
  });

  test("says goodbye and releases the devices when it leaves", () => {
    expect(acts(at("live"), "leave")).toEqual(["stop_sending", "say_leave", "close", "release"]);
  });

  test.each(["replaced", "refused", "ended"] as const)("sends nothing once %s", (event) => {
    expect(acts(at("live"), event)).toEqual(["stop_sending", "close"]);
  });
});

describe("the pause before an attempt", () => {
  test("grows from 0.2 s to 5 s and no further", () => {
    expect([0, 1, 2, 3, 4, 5, 6, 99].map(backoff)).toEqual([
      200, 400, 800, 1600, 3200, 5000, 5000, 5000,
    ]);
  });
});

describe("whatever happens", () => {
  const anything = fc.array(fc.constantFrom(...EVENTS), { maxLength: 60 });

  test("nothing is sent while the node is not heard", () => {
    fc.assert(
      fc.property(anything, (events) => {
        let standing = AT_FIRST;
        for (const event of events) {
          const before = standing;
          const next = step(before, event, NOW);
          standing = next.standing;
          if (event === "silence" && ["live", "mending", "waiting"].includes(before.state)) {
            expect(standing.is_silenced).toBe(true);
          }
          if (next.acts.some((act) => act.do === "start_sending"))
            expect(standing.state).toBe("live");
        }
      }),
    );
  });

  test("waiting never lasts: an attempt is always due", () => {
    fc.assert(
      fc.property(anything, (events) => {
        let standing = AT_FIRST;
        for (const event of events) {
          const next = step(standing, event, NOW);
          const came = standing.state !== "waiting" && next.standing.state === "waiting";
          expect(next.acts.some((act) => act.do === "retry")).toBe(came);
          standing = next.standing;
          expect(standing.retry_at === null).toBe(standing.state !== "waiting");
        }
      }),
    );
  });
});
