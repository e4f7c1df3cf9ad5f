/** What the stage shows: one tile for each person and each shared screen, in the agreed order. */
import type { Participant, Party, Track, TrackId, VideoSlot, Withheld } from "../../api/types";
import { inOrder } from "./order";

/** How the stage is laid out. */
export type Layout = "grid" | "speaker";

/** What may be too slow for a picture: the line, or the way from the node to this device. */
export type Narrows = Extract<Withheld, "rate" | "own_way">;

/** Why a tile shows a picture or does not. */
export type Picture =
  | { readonly is: "off" }
  | { readonly is: "coming" }
  | {
      readonly is: "shown";
      readonly slot: number;
      readonly layer: number | null;
      /** What is too slow for a better layer that exists. */
      readonly reducedBy: Narrows | null;
    }
  | { readonly is: "withheld"; readonly slot: number; readonly reason: Withheld }
  | { readonly is: "own" };

/** One tile. */
export interface Tile {
  readonly key: string;
  readonly kind: "camera" | "screen";
  readonly participant: Participant;
  readonly track: Track | null;
  readonly picture: Picture;
  readonly isSpeaking: boolean;
  readonly isSilent: boolean;
}

/** What the stage is computed from. */
export interface Scene {
  readonly roster: readonly Participant[];
  readonly parties: readonly Pick<Party, "id">[];
  readonly video: readonly VideoSlot[];
  readonly speakers: readonly TrackId[];
}

/** All tiles: shared screens first, then people in the agreed order. */
export function tiles(scene: Scene): readonly Tile[] {
  const people = inOrder(scene.roster, scene.parties);
  const speaking = new Set(scene.speakers);
  const slots = new Map(
    scene.video.flatMap((slot) => (slot.track === null ? [] : [[slot.track, slot] as const])),
  );
  const screens = people.flatMap((participant) => {
    const track = trackOf(participant, "screen");
    // One's own screen is not shown back: it would mirror itself without end.
    if (track === null || track.muted || participant.is_self) return [];
    return [tile(participant, "screen", track, slots, speaking)];
  });
  const faces = people.map((participant) =>
    tile(participant, "camera", trackOf(participant, "camera"), slots, speaking),
  );
  return [...screens, ...faces];
}

/** The tile in the middle of the speaker layout, or null when nobody else is there. */
export function principal(
  all: readonly Tile[],
  speakers: readonly TrackId[],
  pinned: string | null,
): Tile | null {
  const others = all.filter((each) => !each.participant.is_self);
  const loudest = speakers
    .map((id) => others.find((each) => each.kind === "camera" && owns(each.participant, id)))
    .find((each) => each !== undefined);
  return (
    all.find((each) => each.key === pinned) ??
    others.find((each) => each.kind === "screen") ??
    loudest ??
    others[0] ??
    all[0] ??
    null
  );
}

function tile(
  participant: Participant,
  kind: Tile["kind"],
  track: Track | null,
  slots: ReadonlyMap<TrackId, VideoSlot>,
  speaking: ReadonlySet<TrackId>,
): Tile {
  const microphone = trackOf(participant, "microphone");
  return {
    key: `${participant.id}/${kind}`,
    kind,
    participant,
    track,
    picture: picture(participant, track, slots),
    isSpeaking: microphone !== null && !microphone.muted && speaking.has(microphone.id),
    isSilent: microphone === null || microphone.muted,
  };
}

function picture(
  participant: Participant,
  track: Track | null,
  slots: ReadonlyMap<TrackId, VideoSlot>,
): Picture {
  if (participant.is_self) return { is: "own" };
  if (track === null || track.muted) return { is: "off" };
  const slot = slots.get(track.id);
  if (slot === undefined) return { is: "coming" };
  const { slot: place, layer, withheld } = slot;
  // With a layer, the reason says why it is not a better one.
  if (withheld !== null && layer === null) return { is: "withheld", slot: place, reason: withheld };
  return { is: "shown", slot: place, layer, reducedBy: narrowed(withheld) };
}

/** What was too slow, where that is why something is withheld. */
export function narrowed(withheld: Withheld | null): Narrows | null {
  return withheld === "rate" || withheld === "own_way" ? withheld : null;
}

function trackOf(participant: Participant, kind: Track["kind"]): Track | null {
  return participant.tracks.find((track) => track.kind === kind) ?? null;
}

function owns(participant: Participant, id: TrackId): boolean {
  return participant.tracks.some((track) => track.id === id);
}
