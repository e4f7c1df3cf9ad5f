/** How well a call does, hop by hop and in one named level. */
import type { Hop, Hops, Level, Participant, Report, VideoSlot } from "../../api/types";
import { narrowed } from "./tiles";

/** The named levels of a call: how its pictures come through, or why there are none. */
export type CallLevel =
  | "full"
  | "reduced"
  | "small"
  | "audio_only"
  | "no_pictures"
  | "alone"
  | "cut"
  | "unknown";

/** What the level of a call is told from. */
export interface Call {
  readonly roster: readonly Participant[];
  readonly video: readonly VideoSlot[];
  readonly lines: readonly Hop[];
  /** In the room, and the node was heard lately. */
  readonly isWhole: boolean;
}

/** The five places between two people, in order. */
export const PLACES = ["my_device", "my_node", "line", "their_node", "their_device"] as const;
/** A place between two people. */
export type Place = (typeof PLACES)[number];

const UNKNOWN: Hop = { level: "unknown", rtt_ms: null, loss: null, rate_bps: null };
/** Of several lines the worst is shown; unknown is worse news than fair, better than poor. */
const WORSE: readonly Level[] = ["good", "fair", "unknown", "poor", "cut"];

/** One hop for each place. What the node was not heard about lately is unknown, never good. */
export function hopsByPlace(
  hops: Hops | null,
  report: Report | null,
  isHeard: boolean,
): Readonly<Record<Place, Hop>> {
  const own = ownDevice(hops, report);
  if (!isHeard) {
    return {
      my_device: own,
      my_node: { ...UNKNOWN, level: "cut" },
      line: UNKNOWN,
      their_node: UNKNOWN,
      their_device: UNKNOWN,
    };
  }
  return {
    my_device: own,
    my_node: nearNode(hops, report),
    line: hops === null ? UNKNOWN : worst(hops.line),
    their_node: hops?.their_node ?? UNKNOWN,
    their_device: hops?.their_device ?? UNKNOWN,
  };
}

/** The call in one word. Nothing is claimed of pictures that nobody offers. */
export function callLevel({ roster, video, lines, isWhole }: Call): CallLevel {
  // While one line of several is up, the call goes on over it.
  const isCut = lines.length > 0 && lines.every((hop) => hop.level === "cut");
  if (!isWhole || isCut) return "cut";
  const others = roster.filter((each) => !each.is_self);
  if (others.length === 0) return "alone";
  const offered = others
    .flatMap((each) => each.tracks)
    .filter((track) => track.kind !== "microphone" && !track.muted);
  if (offered.length === 0) return "no_pictures";
  const ids = new Set(offered.map((track) => track.id));
  return pictureLevel(video.filter((slot) => slot.track !== null && ids.has(slot.track)));
}

function pictureLevel(wanted: readonly VideoSlot[]): CallLevel {
  const isShort = wanted.some((slot) => narrowed(slot.withheld) !== null);
  const layers = wanted.flatMap((slot) => (slot.layer === null ? [] : [slot.layer]));
  if (layers.length === 0) return isShort ? "audio_only" : "unknown";
  // A small tile is asked for small: only what is withheld for the rate is less than full.
  if (!isShort) return "full";
  return Math.max(...layers) > 0 ? "reduced" : "small";
}

function ownDevice(hops: Hops | null, report: Report | null): Hop {
  if (report?.sending.limited_by === "cpu") return { ...UNKNOWN, level: "poor" };
  const told = hops?.my_device ?? UNKNOWN;
  return told.level === "unknown" && report !== null ? { ...told, level: "good" } : told;
}

/** From the page's own measurement where the node has none. */
function nearNode(hops: Hops | null, report: Report | null): Hop {
  const told = hops?.my_node ?? UNKNOWN;
  if (told.level !== "unknown" || report === null) return told;
  return {
    ...told,
    level: levelOf(report.rtt_ms, report.loss_in),
    rtt_ms: report.rtt_ms,
    loss: report.loss_in,
  };
}

/**
 * Level of a near hop. The bounds: people notice 150 ms each way (ITU-T G.114), and 2 % loss is
 * where an estimator stops growing.
 */
export function levelOf(rtt_ms: number | null, loss: number | null): Level {
  if (rtt_ms === null) return "unknown";
  if (rtt_ms > 300 || (loss ?? 0) > 0.1) return "poor";
  return rtt_ms > 100 || (loss ?? 0) > 0.02 ? "fair" : "good";
}

function worst(hops: readonly Hop[]): Hop {
  return (
    hops.reduce<Hop | null>(
      (bad, hop) =>
        bad === null || WORSE.indexOf(hop.level) > WORSE.indexOf(bad.level) ? hop : bad,
      null,
    ) ?? UNKNOWN
  );
}
