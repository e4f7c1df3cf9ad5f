/**
 * One RTCPeerConnection with fixed slots, so that nothing is ever renegotiated.
 *
 * The lines of media stand in the order the relay expects: microphone, camera (three layers),
 * screen, eight pictures in, three voices in. Tracks come and go with `replaceTrack`. The offer is
 * made at once, before anybody asks to join, so that joining costs one question and one answer.
 */
import type { TrackKind } from "../api/types";

/** Pictures that can be watched at once. More: every offer grows and phones decode too much. */
export const VIDEO_SLOTS = 8;
/** Voices heard at once: the three loudest. */
export const AUDIO_SLOTS = 3;

/**
 * Camera layers. Ceilings in bit/s: higher fills a 4 Mbit/s line with two faces, lower blurs hands
 * and documents held up to the camera.
 */
const CAMERA_LAYERS: RTCRtpEncodingParameters[] = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
];
/** A shared page must be legible; it changes rarely, so this ceiling is seldom reached. */
const SCREEN_LAYERS: RTCRtpEncodingParameters[] = [{ maxBitrate: 1_500_000, maxFramerate: 15 }];
/** Speech at full band; more is not heard, less is. */
const VOICE: RTCRtpEncodingParameters[] = [{ maxBitrate: 40_000, networkPriority: "high" }];

/**
 * Chromium on a machine with no network but itself makes some links that never look for a way. One
 * that has not begun by now will not; a new one mostly does.
 */
const UNBEGUN_MS = 1_500;

/** Where each slot's transceiver is found, as the node answered. */
export interface SlotMids {
  readonly video: readonly string[];
  readonly audio: readonly string[];
}
/** One stream per receiving slot, in slot order. */
export interface SlotStreams {
  readonly video: readonly MediaStream[];
  readonly audio: readonly MediaStream[];
}
/** How the way to the relay is. */
export type TransportState = "new" | "connected" | "faltering" | "lost";

/** What the room asks of a transport; tests put their own in its place. */
export interface Transport {
  readonly offer: Promise<string>;
  readonly streams: SlotStreams;
  accept(answer: string, mids: SlotMids): Promise<void>;
  send(kind: TrackKind, track: MediaStreamTrack | null): void;
  stats(): Promise<RTCStatsReport>;
  close(): void;
}

/** Makes a transport that reports its state through `changed`. */
export type MakeTransport = (changed: (state: TransportState) => void) => Transport;

/** Makes a transport over the browser's own WebRTC. */
export const makeTransport: MakeTransport = (changed) => new SlotTransport(changed);

class SlotTransport implements Transport {
  readonly offer: Promise<string>;
  #streams: SlotStreams;
  readonly #connection: RTCPeerConnection;
  readonly #changed: (state: TransportState) => void;
  readonly #sending: Readonly<Record<TrackKind, RTCRtpTransceiver>>;
  readonly #receiving: ReadonlyMap<RTCRtpTransceiver, MediaStream>;

  constructor(changed: (state: TransportState) => void) {
    this.#changed = changed;
    this.#connection = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: [] });
    this.#sending = {
      microphone: this.#add("audio", "sendonly", VOICE),
      camera: this.#add("video", "sendonly", CAMERA_LAYERS),
      screen: this.#add("video", "sendonly", SCREEN_LAYERS),
    };
    const pictures = times(VIDEO_SLOTS, () => this.#add("video", "recvonly"));
    const voices = times(AUDIO_SLOTS, () => this.#add("audio", "recvonly"));
    this.#receiving = new Map([...pictures, ...voices].map((each) => [each, stream(each)]));
    this.#streams = {
      video: pictures.map((each) => this.#receiving.get(each) ?? new MediaStream()),
      audio: voices.map((each) => this.#receiving.get(each) ?? new MediaStream()),
    };
    this.#connection.addEventListener("connectionstatechange", () => {
      changed(stateOf(this.#connection.connectionState));
    });
    this.offer = this.#makeOffer();
    // Whoever waits for the offer meets the failure there; nobody may be waiting yet.
    this.offer.catch(() => undefined);
  }

  get streams(): SlotStreams {
    return this.#streams;
  }

  async accept(answer: string, mids: SlotMids): Promise<void> {
    await this.#connection.setRemoteDescription({ type: "answer", sdp: answer });
    setTimeout(() => {
      if (this.#connection.iceConnectionState === "new") this.#changed("lost");
    }, UNBEGUN_MS);
    this.#streams = {
      video: mids.video.map((mid) => this.#streamOf(mid)),
      audio: mids.audio.map((mid) => this.#streamOf(mid)),
    };
  }

  send(kind: TrackKind, track: MediaStreamTrack | null): void {
    const { sender } = this.#sending[kind];
    if (sender.track === track) return;
    if (kind === "camera" && track !== null) fitLayers(sender, track.getSettings());
    // Fails only on a transport that is closed already, where nothing is sent anyway.
    sender.replaceTrack(track).catch(() => undefined);
  }

  async stats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  close(): void {
    this.#connection.close();
  }

  async #makeOffer(): Promise<string> {
    await this.#connection.setLocalDescription();
    // The relay is ICE-lite and learns where we are from our checks: no candidate is awaited.
    return this.#connection.localDescription?.sdp ?? "";
  }

  #add(
    kind: "audio" | "video",
    direction: RTCRtpTransceiverDirection,
    sendEncodings?: RTCRtpEncodingParameters[],
  ): RTCRtpTransceiver {
    const transceiver = this.#connection.addTransceiver(
      kind,
      sendEncodings === undefined ? { direction } : { direction, sendEncodings },
    );
    if (kind === "video") preferVp8(transceiver);
    return transceiver;
  }

  #streamOf(mid: string): MediaStream {
    // One stream per transceiver for good: an element that plays it never has to start again.
    for (const [transceiver, found] of this.#receiving) if (transceiver.mid === mid) return found;
    return new MediaStream();
  }
}

function stream(transceiver: RTCRtpTransceiver): MediaStream {
  return new MediaStream([transceiver.receiver.track]);
}

function isVp8(codec: { readonly mimeType: string }): boolean {
  return codec.mimeType.toLowerCase() === "video/vp8";
}

/** VP8 is what every browser sends in three layers and every relay on the way can switch. */
function preferVp8(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  if (!codecs.some(isVp8)) return;
  transceiver.setCodecPreferences([
    ...codecs.filter(isVp8),
    ...codecs.filter((codec) => !isVp8(codec)),
  ]);
}

/** Lets the camera's layers end with the whole picture, however small the camera is. */
function fitLayers(sender: RTCRtpSender, picture: MediaTrackSettings): void {
  const scales = layerScales(picture);
  const parameters = sender.getParameters();
  for (const [layer, encoding] of parameters.encodings.entries()) {
    encoding.active = layer < scales.length;
    encoding.scaleResolutionDownBy = scales[layer] ?? 1;
  }
  // Fails only on a transport that is closed already, where nothing is sent anyway.
  sender.setParameters(parameters).catch(() => undefined);
}

/**
 * By how much each layer is smaller than the picture, smallest layer first.
 *
 * Chromium makes three layers from 960 x 540 on, two from 480 x 270 on and one below (its table of
 * simulcast formats), and leaves out the last of those it was given: an ordinary 640 x 480 camera
 * would never be seen whole.
 */
export function layerScales({ width, height }: MediaTrackSettings): readonly number[] {
  const pixels = (width ?? 1280) * (height ?? 720);
  if (pixels >= 960 * 540) return [4, 2, 1];
  return pixels >= 480 * 270 ? [2, 1] : [1];
}

function stateOf(state: RTCPeerConnectionState): TransportState {
  switch (state) {
    case "connected":
      return "connected";
    case "disconnected":
      return "faltering";
    case "failed":
    case "closed":
      return "lost";
    case "new":
    case "connecting":
      return "new";
  }
}

function times<T>(count: number, make: () => T): readonly T[] {
  return Array.from({ length: count }, make);
}
