/**
 * The alarm's sound: made here, so that nothing has to be fetched when it matters.
 *
 * A browser holds sound back until the person has pressed something on the page, throttles the
 * timers of a hidden page, may freeze it, and may throw it away. Against the first there is the
 * sound check. Against the others: the sound never stops but goes on too softly to be heard, because
 * a page that plays is neither throttled nor frozen (Chromium counts what is louder than -72 dB of
 * full scale as playing); the ticks come from a Worker, whose timers are not throttled; and a Web
 * Lock is held, which keeps a page from being frozen. None of this survives a machine that sleeps, a
 * browser that was closed, or a phone's browser in the background: docs/guides/watch.md says so.
 */
import type { Precedence } from "../api/alert-types";

/** Frequency in hertz, start and length in seconds. */
type Note = readonly [frequency_hz: number, from_s: number, lasts_s: number];

/** One ring each. Told apart with closed eyes: by how many notes, and whether they rise. */
const PATTERNS: Readonly<Record<Precedence, readonly Note[]>> = {
  flash: [
    [880, 0, 0.18],
    [1_175, 0.2, 0.18],
    [880, 0.4, 0.18],
    [1_175, 0.6, 0.18],
    [880, 0.8, 0.18],
    [1_175, 1, 0.4],
  ],
  immediate: [
    [784, 0, 0.25],
    [784, 0.35, 0.25],
    [988, 0.7, 0.45],
  ],
  priority: [
    [659, 0, 0.3],
    [523, 0.4, 0.5],
  ],
  routine: [[523, 0, 0.6]],
};
/** Loud beside people who speak; full scale would be clipped by a small speaker. */
const GAIN = 0.6;
/** About -62 dB of full scale at 30 Hz: no speaker of a desk gives it, and a browser counts it. */
const KEEP_ALIVE_GAIN = 0.000_8;
const KEEP_ALIVE_HZ = 30;
/**
 * Samples a second, and how the browser may gather them: what goes on all day costs by the block of
 * 128 samples, and by how often the device is filled. More of either costs more of a core for
 * nothing that a ring of at most 1,175 Hz has; the ring begins about 60 ms later than it could.
 */
const SAMPLES_HZ = 16_000;
/** Seconds from now to a note. Less than what the device is filled with begins in its middle. */
const LEAD_S = 0.02;
/** A sound's clock that stands for so long stands still. Shorter: a busy machine looks silent. */
const STALLED_MS = 3_000;

/** The alarm of this page. */
export class BellSound {
  #context: AudioContext | null = null;
  /** The sound's own clock when it was last seen to move, and when that was. */
  #seen_s = -1;
  #moved_at = 0;
  #voice: GainNode | null = null;

  /** Whether sound runs; asked about once a second, and true only if its clock has moved. */
  state(): "running" | "held_back" | "none" {
    if (typeof AudioContext !== "function") return "none";
    const context = this.#open();
    if (context.state !== "running") {
      void context.resume().catch(() => undefined);
      return "held_back";
    }
    const now = performance.now();
    if (context.currentTime > this.#seen_s) {
      this.#seen_s = context.currentTime;
      this.#moved_at = now;
    }
    return now - this.#moved_at < STALLED_MS ? "running" : "held_back";
  }

  /** Called from any act of the person: from then on sound may run. */
  unlock(): void {
    if (typeof AudioContext === "function")
      void this.#open()
        .resume()
        .catch(() => undefined);
  }

  /** Rings once. */
  play(precedence: Precedence): void {
    const context = this.#open();
    if (context.state !== "running") return;
    this.silence();
    const voice = new GainNode(context, { gain: GAIN });
    voice.connect(context.destination);
    this.#voice = voice;
    for (const each of PATTERNS[precedence]) sing(context, voice, each);
  }

  /** Ends a ring in its middle. */
  silence(): void {
    this.#voice?.disconnect();
    this.#voice = null;
  }

  #open(): AudioContext {
    if (this.#context !== null) return this.#context;
    const context = thrifty();
    const tone = new OscillatorNode(context, { frequency: KEEP_ALIVE_HZ });
    tone.connect(new GainNode(context, { gain: KEEP_ALIVE_GAIN })).connect(context.destination);
    tone.start();
    this.#context = context;
    return context;
  }
}

/** A browser that does not take these numbers gives the sound it has: nothing is lost but thrift. */
function thrifty(): AudioContext {
  try {
    return new AudioContext({ latencyHint: "playback", sampleRate: SAMPLES_HZ });
  } catch {
    return new AudioContext();
  }
}

function sing(context: AudioContext, voice: GainNode, [frequency_hz, from_s, lasts_s]: Note): void {
  const start = context.currentTime + Math.max(LEAD_S, context.baseLatency) + from_s;
  const tone = new OscillatorNode(context, { frequency: frequency_hz, type: "triangle" });
  const swell = new GainNode(context, { gain: 0 });
  // A note that begins at once clicks.
  swell.gain.setValueAtTime(0, start);
  swell.gain.linearRampToValueAtTime(1, start + 0.015);
  swell.gain.setValueAtTime(1, start + lasts_s - 0.03);
  swell.gain.linearRampToValueAtTime(0, start + lasts_s);
  tone.connect(swell).connect(voice);
  tone.start(start);
  tone.stop(start + lasts_s + 0.02);
}
