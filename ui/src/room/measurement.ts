/** What a page measures of its own hop, from the browser's statistics, once a second. */
import type { Report } from "../api/types";

/** The counters one report is taken from; differences of two make a report. */
export interface Counters {
  readonly at_ms: number;
  readonly rtt_ms: number | null;
  readonly received: number;
  readonly lost: number;
  readonly lost_out: number | null;
  readonly samples: number;
  readonly concealed: number;
  readonly frozen_s: number;
  readonly audio_bytes: number;
  readonly video_bytes: number;
  readonly screen_bytes: number;
  readonly limited_by: Report["sending"]["limited_by"];
}

type Stat = Readonly<Record<string, unknown>>;

/** Sums the counters of one statistics report (W3C webrtc-stats). */
export function count(stats: Iterable<readonly [string, unknown]>, at_ms: number): Counters {
  const all = [...stats].map(([, stat]) => stat as Stat);
  const of = (type: string) => all.filter((stat) => stat["type"] === type);
  const inbound = of("inbound-rtp");
  const audioIn = inbound.filter((stat) => stat["kind"] === "audio");
  const outbound = of("outbound-rtp");
  return {
    at_ms,
    rtt_ms: roundTrip(of("candidate-pair")),
    received: sum(inbound, "packetsReceived"),
    lost: sum(inbound, "packetsLost"),
    lost_out: mean(of("remote-inbound-rtp"), "fractionLost"),
    samples: sum(audioIn, "totalSamplesReceived"),
    concealed: sum(audioIn, "concealedSamples") - sum(audioIn, "silentConcealedSamples"),
    frozen_s: sum(inbound, "totalFreezesDuration"),
    audio_bytes: sum(
      outbound.filter((stat) => stat["kind"] === "audio"),
      "bytesSent",
    ),
    video_bytes: sum(outbound.filter(isCamera), "bytesSent"),
    screen_bytes: sum(outbound.filter(isScreen), "bytesSent"),
    limited_by: limit(outbound),
  };
}

/** What happened between two counts. */
export function report(before: Counters, after: Counters): Report {
  const seconds = Math.max(0.001, (after.at_ms - before.at_ms) / 1_000);
  const rate = (from: number, to: number) => Math.max(0, Math.round(((to - from) * 8) / seconds));
  return {
    rtt_ms: after.rtt_ms,
    loss_in: share(
      after.lost - before.lost,
      after.received - before.received + after.lost - before.lost,
    ),
    loss_out: after.lost_out,
    concealed_ratio: share(after.concealed - before.concealed, after.samples - before.samples),
    freeze_ratio: Math.min(1, Math.max(0, (after.frozen_s - before.frozen_s) / seconds)),
    sending: {
      audio_bps: rate(before.audio_bytes, after.audio_bytes),
      video_bps: rate(before.video_bytes, after.video_bytes),
      screen_bps: rate(before.screen_bytes, after.screen_bytes),
      limited_by: after.limited_by,
    },
  };
}

/** Camera layers carry a RID; the screen is sent in one. */
function isCamera(stat: Stat): boolean {
  return stat["kind"] === "video" && typeof stat["rid"] === "string";
}

function isScreen(stat: Stat): boolean {
  return stat["kind"] === "video" && typeof stat["rid"] !== "string";
}

function roundTrip(pairs: readonly Stat[]): number | null {
  const used = pairs.find((pair) => pair["nominated"] === true && pair["state"] === "succeeded");
  const seconds = used?.["currentRoundTripTime"];
  return typeof seconds === "number" ? Math.round(seconds * 10_000) / 10 : null;
}

function limit(outbound: readonly Stat[]): Counters["limited_by"] {
  const reasons = new Set(outbound.map((stat) => stat["qualityLimitationReason"]));
  if (reasons.has("cpu")) return "cpu";
  if (reasons.has("bandwidth")) return "bandwidth";
  return reasons.has("other") ? "other" : "none";
}

/** Makes a report each second from one transport's statistics. */
export class Measuring {
  #counted: Counters | null = null;

  /** Forgets what was counted: a new transport counts from nothing. */
  restart(): void {
    this.#counted = null;
  }

  /** The report since the last statistics; null for the first. */
  take(stats: RTCStatsReport, now: number): Report | null {
    const before = this.#counted;
    this.#counted = count(stats, now);
    return before === null ? null : report(before, this.#counted);
  }
}

function sum(stats: readonly Stat[], name: string): number {
  return stats.reduce((total, stat) => total + valueOf(stat, name), 0);
}

function mean(stats: readonly Stat[], name: string): number | null {
  return stats.length === 0 ? null : sum(stats, name) / stats.length;
}

function valueOf(stat: Stat, name: string): number {
  const value = stat[name];
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function share(part: number, whole: number): number | null {
  return whole <= 0 ? null : Math.min(1, Math.max(0, part / whole));
}
