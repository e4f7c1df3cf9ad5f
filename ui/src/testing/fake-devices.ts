/** Devices that a test plugs in, takes away and forbids. */
import type { MediaSource } from "../room/devices";

/** A track that a test can end. */
export class FakeTrack extends EventTarget {
  enabled = true;
  contentHint = "";
  readyState: "live" | "ended" = "live";

  constructor(readonly kind: "audio" | "video") {
    super();
  }

  stop(): void {
    this.readyState = "ended";
  }

  /** As when the plug is pulled. */
  unplug(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
}

/** The devices of a machine. */
export class FakeSource extends EventTarget {
  /** Names of the errors to answer with; none: the device is given. */
  refuses: { audio?: string; video?: string; screen?: string } = {};
  readonly given: FakeTrack[] = [];
  asked = 0;

  async getUserMedia(wanted: MediaStreamConstraints): Promise<MediaStream> {
    this.asked += 1;
    const kinds = (["audio", "video"] as const).filter((kind) => wanted[kind] !== undefined);
    for (const kind of kinds) this.#refuse(this.refuses[kind]);
    return this.#stream(kinds);
  }

  async getDisplayMedia(): Promise<MediaStream> {
    this.#refuse(this.refuses.screen);
    return this.#stream(["video"]);
  }

  async enumerateDevices(): Promise<MediaDeviceInfo[]> {
    return [];
  }

  /** As the browser tells the page that something was plugged in. */
  change(): void {
    this.dispatchEvent(new Event("devicechange"));
  }

  /** Seen as the browser's own. */
  get source(): MediaSource {
    return this;
  }

  #refuse(name: string | undefined): void {
    if (name !== undefined) throw new DOMException("refused", name);
  }

  #stream(kinds: readonly ("audio" | "video")[]): MediaStream {
    const tracks = kinds.map((kind) => new FakeTrack(kind));
    this.given.push(...tracks);
    return {
      getAudioTracks: () => tracks.filter((track) => track.kind === "audio"),
      getVideoTracks: () => tracks.filter((track) => track.kind === "video"),
    } as unknown as MediaStream;
  }
}
