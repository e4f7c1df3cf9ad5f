import { describe, expect, test } from "vitest";

import { count, Measuring, report } from "./measurement";
import { levelOf } from "./sound";

const stats = (at: { received: number; lost: number; bytes: number }) =>
  new Map<string, Record<string, unknown>>([
    [
      "pair",
      { type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.0123 },
    ],
    [
      "in",
      {
        type: "inbound-rtp",
        kind: "audio",
        packetsReceived: at.received,
        packetsLost: at.lost,
        totalSamplesReceived: at.received * 960,
        concealedSamples: at.lost * 960,
        silentConcealedSamples: 0,
      },
    ],
    [
      "q",
      {
        type: "outbound-rtp",
        kind: "video",
        rid: "q",
        bytesSent: at.bytes,
        qualityLimitationReason: "cpu",
      },
    ],
    ["s", { type: "outbound-rtp", kind: "video", bytesSent: at.bytes * 2 }],
    ["r", { type: "remote-inbound-rtp", fractionLost: 0.25 }],
  ]);

describe("a report", () => {
  test("is what happened between two counts", () => {
    const before = count(stats({ received: 100, lost: 0, bytes: 0 }), 1_000);
    const after = count(stats({ received: 190, lost: 10, bytes: 1_000 }), 2_000);
    expect(report(before, after)).toEqual({
      rtt_ms: 12.3,
      loss_in: 0.1,
      loss_out: 0.25,
      concealed_ratio: 10 / 90,
      freeze_ratio: 0,
      sending: { audio_bps: 0, video_bps: 8_000, screen_bps: 16_000, limited_by: "cpu" },
    });
  });

  test("is null for the first statistics of a transport", () => {
    const measuring = new Measuring();
    const taken = stats({ received: 1, lost: 0, bytes: 0 }) as unknown as RTCStatsReport;
    expect(measuring.take(taken, 1_000)).toBeNull();
    expect(measuring.take(taken, 2_000)).not.toBeNull();
    measuring.restart();
    expect(measuring.take(taken, 3_000)).toBeNull();
  });

  test("of nothing claims nothing", () => {
    const none = count(new Map(), 1_000);
    expect(report(none, count(new Map(), 2_000))).toMatchObject({
      rtt_ms: null,
      loss_in: null,
      loss_out: null,
      concealed_ratio: null,
    });
  });
});

describe("the level of a microphone", () => {
  test("is nothing in silence and full at full scale", () => {
    expect(levelOf(new Float32Array(64))).toBe(0);
    expect(levelOf(new Float32Array(64).fill(1))).toBeCloseTo(1, 5);
    expect(levelOf(new Float32Array(64).fill(0.1))).toBeCloseTo(2 / 3, 2);
  });
});
