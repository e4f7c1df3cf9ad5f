/**
 * The microphone, camera and screen of this machine: opened, watched, and picked up again.
 *
 * Each device has a wish (should it be open) and a truth (the track, or why there is none). When a
 * device is unplugged its track ends and the wish remains; when the browser reports that the set of
 * devices changed, every wish without a track is tried again.
 */
import { DeviceError, type DeviceTrouble } from "../errors";
import type { TrackKind } from "../api/types";
import { type Choices, FIRST_CHOICES } from "./choices";

/** One device as it is. */
export interface DeviceStanding {
  readonly is_wished: boolean;
  readonly is_opening: boolean;
  readonly track: MediaStreamTrack | null;
  readonly trouble: DeviceTrouble | null;
}
/** All three, and what could be chosen instead. */
export interface DevicesSnapshot {
  readonly microphone: DeviceStanding;
  readonly camera: DeviceStanding;
  readonly screen: DeviceStanding;
  readonly choices: Choices;
  readonly microphones: readonly DeviceChoice[];
  readonly cameras: readonly DeviceChoice[];
  readonly speakers: readonly DeviceChoice[];
}
/** A device by the name the system gives it. */
export interface DeviceChoice {
  readonly id: string;
  readonly label: string;
}

/** The browser's devices, or nothing on a page without a secure origin. */
export type MediaSource = Pick<
  MediaDevices,
  | "getUserMedia"
  | "getDisplayMedia"
  | "enumerateDevices"
  | "addEventListener"
  | "removeEventListener"
>;

const CLOSED: DeviceStanding = { is_wished: false, is_opening: false, track: null, trouble: null };

/** A face needs no more; a camera that can do less gives what it has. */
const CAMERA_IDEAL = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
};

/** The devices of this machine, for one page. */
export class Devices {
  #snapshot: DevicesSnapshot;
  readonly #listeners = new Set<() => void>();
  readonly #onChange = () => void this.#devicesChanged();

  constructor(
    private readonly source: MediaSource | undefined,
    choices: Choices = FIRST_CHOICES,
  ) {
    this.#snapshot = {
      microphone: CLOSED,
      camera: CLOSED,
      screen: CLOSED,
      choices,
      microphones: [],
      cameras: [],
      speakers: [],
    };
    source?.addEventListener("devicechange", this.#onChange);
  }

  /** What holds at the moment; the same object until something changes. */
  snapshot = (): DevicesSnapshot => this.#snapshot;

  /** Calls `listener` after each change. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Opens microphone and camera with one question to the person, where the browser allows it. */
  async openBoth(): Promise<void> {
    if (
      this.source === undefined ||
      this.#snapshot.microphone.track ||
      this.#snapshot.camera.track
    ) {
      await Promise.all([this.open("microphone"), this.open("camera")]);
      return;
    }
    this.#put("microphone", { is_wished: true, is_opening: true, trouble: null });
    this.#put("camera", { is_wished: true, is_opening: true, trouble: null });
    try {
      const { choices } = this.#snapshot;
      const stream = await this.source.getUserMedia({
        audio: voice(choices),
        video: face(choices),
      });
      this.#took("microphone", stream.getAudioTracks()[0]);
      this.#took("camera", stream.getVideoTracks()[0]);
    } catch {
      // One of the two stands in the way: ask for each alone, so that the other still works.
      await Promise.all([this.#capture("microphone"), this.#capture("camera")]);
    }
    await this.refreshList();
  }

  /** Opens a device, or says in its standing why it cannot. */
  async open(kind: TrackKind): Promise<void> {
    const standing = this.#snapshot[kind];
    if (standing.is_opening || standing.track !== null) return;
    this.#put(kind, { is_wished: true, is_opening: true, trouble: null });
    await this.#capture(kind);
    if (kind !== "screen") await this.refreshList();
  }

  /** Closes a device: its light goes out. */
  close(kind: TrackKind): void {
    this.#snapshot[kind].track?.stop();
    this.#snapshot = { ...this.#snapshot, [kind]: CLOSED };
    this.#tell();
  }

  /** Remembers another choice; an open device that is no longer the chosen one is opened anew. */
  async choose(change: Partial<Choices>): Promise<void> {
    const before = this.#snapshot.choices;
    const choices = { ...before, ...change };
    this.#snapshot = { ...this.#snapshot, choices };
    this.#tell();
    const again: TrackKind[] = [];
    const sound = before.has_original_sound !== choices.has_original_sound;
    if (before.microphone !== choices.microphone || sound) again.push("microphone");
    if (before.camera !== choices.camera) again.push("camera");
    await Promise.all(again.map(async (kind) => this.#reopen(kind)));
  }

  /** Reads the list of devices anew; names are known only once one of them was allowed. */
  async refreshList(): Promise<void> {
    const all = (await this.source?.enumerateDevices().catch(() => [])) ?? [];
    const of = (kind: MediaDeviceKind) =>
      all
        .filter((device) => device.kind === kind && device.deviceId !== "")
        .map((device) => ({ id: device.deviceId, label: device.label }));
    this.#snapshot = {
      ...this.#snapshot,
      microphones: of("audioinput"),
      cameras: of("videoinput"),
      speakers: of("audiooutput"),
    };
    this.#tell();
  }

  /** Closes everything and stops watching. */
  release(): void {
    this.source?.removeEventListener("devicechange", this.#onChange);
    for (const kind of ["microphone", "camera", "screen"] as const) this.close(kind);
  }

  async #reopen(kind: TrackKind): Promise<void> {
    if (!this.#snapshot[kind].is_wished) return;
    this.#snapshot[kind].track?.stop();
    this.#put(kind, { track: null, is_opening: false });
    await this.open(kind);
  }

  async #devicesChanged(): Promise<void> {
    await this.refreshList();
    const wanted = (["microphone", "camera"] as const).filter((kind) => {
      const { is_wished, track } = this.#snapshot[kind];
      return is_wished && track === null;
    });
    await Promise.all(wanted.map(async (kind) => this.open(kind)));
  }

  async #capture(kind: TrackKind): Promise<void> {
    try {
      this.#took(kind, await this.#ask(kind));
    } catch (error) {
      const trouble = error instanceof DeviceError ? error.trouble : troubleOf(error, kind);
      // A screen not chosen is a change of mind, not a wish that waits.
      const is_wished = kind !== "screen" && this.#snapshot[kind].is_wished;
      this.#put(kind, { is_opening: false, is_wished, track: null, trouble });
    }
  }

  async #ask(kind: TrackKind): Promise<MediaStreamTrack | undefined> {
    if (this.source === undefined) throw new DeviceError(kind, "insecure");
    const { choices } = this.#snapshot;
    if (kind === "microphone") {
      return (await this.source.getUserMedia({ audio: voice(choices) })).getAudioTracks()[0];
    }
    if (kind === "camera") {
      return (await this.source.getUserMedia({ video: face(choices) })).getVideoTracks()[0];
    }
    return (
      await this.source.getDisplayMedia({ video: { frameRate: { max: 15 } } })
    ).getVideoTracks()[0];
  }

  #took(kind: TrackKind, track: MediaStreamTrack | undefined): void {
    if (track === undefined) {
      this.#put(kind, { is_opening: false, trouble: "missing" });
      return;
    }
    if (!this.#snapshot[kind].is_wished) {
      // Closed while the browser was still asking.
      track.stop();
      return;
    }
    track.contentHint = kind === "screen" ? "detail" : kind === "camera" ? "motion" : "speech";
    track.addEventListener("ended", () => this.#ended(kind, track));
    this.#put(kind, { is_opening: false, track, trouble: null });
  }

  #ended(kind: TrackKind, track: MediaStreamTrack): void {
    if (this.#snapshot[kind].track !== track) return;
    const is_wished = kind !== "screen";
    this.#put(kind, { track: null, is_wished, trouble: is_wished ? "missing" : null });
  }

  #put(kind: TrackKind, change: Partial<DeviceStanding>): void {
    this.#snapshot = { ...this.#snapshot, [kind]: { ...this.#snapshot[kind], ...change } };
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function voice(choices: Choices): MediaTrackConstraints {
  const isProcessed = !choices.has_original_sound;
  return {
    echoCancellation: isProcessed,
    noiseSuppression: isProcessed,
    autoGainControl: isProcessed,
    ...(choices.microphone === null ? {} : { deviceId: { ideal: choices.microphone } }),
  };
}

function face(choices: Choices): MediaTrackConstraints {
  return {
    ...CAMERA_IDEAL,
    ...(choices.camera === null ? {} : { deviceId: { ideal: choices.camera } }),
  };
}

/** W3C Media Capture and Streams §10.1: the names a refusal can have. */
function troubleOf(error: unknown, kind: TrackKind): DeviceTrouble {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  switch (name) {
    case "NotAllowedError":
      return kind === "screen" ? "dismissed" : "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    case "SecurityError":
      return "insecure";
    default:
      return "failed";
  }
}
