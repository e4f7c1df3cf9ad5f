/** Level of a microphone and a test tone, by the browser's audio graph. */

let shared: AudioContext | null = null;

/** Reads a level ten times a second: quick enough to follow speech, slow enough to cost nothing. */
const METER_EVERY_MS = 100;
/** The quietest that counts as sound; below it a meter would flicker in an empty room. */
const FLOOR_DB = -60;

/** Calls `report` with the level of `track`, 0 to 1, until stopped. */
export function meter(track: MediaStreamTrack, report: (level: number) => void): () => void {
  const context = graph();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    report(levelOf(samples));
  }, METER_EVERY_MS);
  return () => {
    clearInterval(timer);
    source.disconnect();
  };
}

/** Level of samples on a scale an ear would draw: 0 below the floor, 1 at full scale. */
export function levelOf(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const decibels = 10 * Math.log10(power + 1e-12);
  return Math.max(0, Math.min(1, 1 - decibels / FLOOR_DB));
}

/** Plays two soft notes through `speaker` (null: the system's choice) and resolves at their end. */
export async function playTone(speaker: string | null): Promise<void> {
  const context = new AudioContext();
  try {
    if (speaker !== null && "setSinkId" in context) {
      await (context as AudioContext & { setSinkId(id: string): Promise<void> }).setSinkId(speaker);
    }
    await context.resume();
    await Promise.all([note(context, 523.25, 0), note(context, 659.25, 0.35)]);
  } finally {
    await context.close();
  }
}

/** Browsers keep an audio graph silent until the person acts; call this from any act. */
export function wakeGraph(): void {
  if (shared?.state === "suspended") void shared.resume();
}

function graph(): AudioContext {
  shared ??= new AudioContext();
  wakeGraph();
  return shared;
}

async function note(context: AudioContext, frequency_hz: number, from_s: number): Promise<void> {
  const start = context.currentTime + from_s;
  const tone = new OscillatorNode(context, { frequency: frequency_hz });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.linearRampToValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.2, start + 0.03);
  volume.gain.linearRampToValueAtTime(0, start + 0.6);
  tone.connect(volume).connect(context.destination);
  tone.start(start);
  tone.stop(start + 0.65);
  await new Promise<void>((resolve) => {
    tone.addEventListener("ended", () => resolve());
  });
}
