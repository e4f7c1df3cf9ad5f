/**
 * Everything that can go wrong in the page, by whose fault it was.
 *
 * ```
 * ParleyError
 * ├── OurError          the page, the browser or this person's devices
 * │   └── DeviceError     a camera, microphone or screen cannot be used
 * └── TheirError        what the node said or failed to say
 *     ├── FrameError      a frame does not have the agreed form
 *     ├── VerificationError  what should be proved does not hold
 *     ├── ProblemError    the node refused, with a code from protocol/errors.toml
 *     └── SilenceError    the node does not answer
 * ```
 */
export abstract class ParleyError extends Error {
  /** Stable code, the key of the translation. */
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** A fault on this side of the glass. */
export abstract class OurError extends ParleyError {}

/** A fault of the node, as seen from its own page. */
export abstract class TheirError extends ParleyError {}

/** Why a device cannot be used, in words a person can act on. */
export type DeviceTrouble = "denied" | "missing" | "busy" | "insecure" | "dismissed" | "failed";

/** A camera, microphone or screen cannot be used. */
export class DeviceError extends OurError {
  readonly code: string;
  constructor(
    readonly device: "microphone" | "camera" | "screen" | "speaker" | "passkey",
    readonly trouble: DeviceTrouble,
  ) {
    super(`${device}: ${trouble}`);
    this.code = `device.${trouble}`;
  }
}

/** A frame or answer of the node does not have the agreed form. */
export class FrameError extends TheirError {
  readonly code = "web.malformed";
  constructor(
    readonly field: string,
    wanted: string,
  ) {
    super(`${field || "frame"}: wanted ${wanted}`);
  }
}

/** What should be proved does not hold, or cannot be read. */
export class VerificationError extends TheirError {
  readonly code = "record.not_proved";
  constructor(
    /** The verifier's own words, in English. */
    readonly reason: string,
  ) {
    super(reason);
  }
}

/** Safe parameters of a refusal, as protocol/errors.toml lists them. */
export type ProblemParams = Readonly<Record<string, string | number | boolean | null>>;

/** The node refused, with a code from protocol/errors.toml. */
export class ProblemError extends TheirError {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly params: ProblemParams,
  ) {
    super(`${status} ${code}`);
  }
}

/** The node does not answer. */
export class SilenceError extends TheirError {
  readonly code = "node.silent";
  constructor() {
    super("the node does not answer");
  }
}
