/**
 * Passkeys: the browser's WebAuthn between two requests to the node.
 *
 * The node's options and the browser's answers are WebAuthn's own JSON (Level 3 §5.1.8, §5.1.9).
 * Older browsers cannot read it themselves, so it is read here.
 */
import { DeviceError } from "../errors";
import type { Reader } from "./decode";
import { say, tell } from "./node";
import { ceremony } from "./people-frames";

type Options = Readonly<Record<string, unknown>>;

/** Whether this browser knows passkeys at all. */
export function knowsPasskeys(): boolean {
  return typeof window.PublicKeyCredential === "function" && window.isSecureContext;
}

/** Signs in with a passkey of this device. */
export async function signInByPasskey(): Promise<void> {
  await finish("/api/sign-in/passkey", await use("/api/sign-in/passkey"));
}

/** Shows that the person is still there: acts that bind want it. */
export async function stepUp(): Promise<void> {
  await finish("/api/step-up", await use("/api/step-up"));
}

/** What a new passkey is called, and whether its person keeps it for when they are forced. */
export interface NewPasskey {
  readonly name: string;
  readonly is_duress: boolean;
}

/** Adds a passkey of this device to the person's own. */
export async function enrolPasskey(wanted: NewPasskey): Promise<void> {
  const { options } = await tell("POST", "/api/passkeys/begin", {}, ceremony);
  const made = await tried(async () =>
    navigator.credentials.create({ publicKey: creation(options) }),
  );
  await finish("/api/passkeys", { ...wanted, credential: registered(made) });
}

/** Uses a passkey over what the node makes of `words` at `path`; the answer is what it wants. */
export async function use(
  path: string,
  words: object = {},
): Promise<{ readonly credential: unknown }> {
  const { options } = await tell("POST", `${path}/begin`, words, ceremony);
  const made = await tried(async () => navigator.credentials.get({ publicKey: request(options) }));
  return { credential: asserted(made) };
}

/** Does what binds at `path`, with a passkey over the very entry; returns what came of it. */
export async function signed<T>(path: string, words: object, read: Reader<T>): Promise<T> {
  return tell("POST", path, await use(path, words), read);
}

async function finish(path: string, words: unknown): Promise<void> {
  await say("POST", `${path}/finish`, words);
}

/** What a person or a device declines is said in words they can act on. */
async function tried(act: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (!knowsPasskeys()) throw new DeviceError("passkey", "insecure");
  try {
    const made = await act();
    if (made instanceof PublicKeyCredential) return made;
  } catch (error) {
    if (error instanceof DOMException && error.name === "InvalidStateError") {
      throw new DeviceError("passkey", "busy");
    }
    if (error instanceof DOMException) throw new DeviceError("passkey", "dismissed");
    throw error;
  }
  throw new DeviceError("passkey", "failed");
}

function creation(options: Options): PublicKeyCredentialCreationOptions {
  const person = options["user"] as Options;
  return {
    ...options,
    challenge: bytes(options["challenge"]),
    user: { ...person, id: bytes(person["id"]) },
    excludeCredentials: credentials(options["excludeCredentials"]),
  } as unknown as PublicKeyCredentialCreationOptions;
}

function request(options: Options): PublicKeyCredentialRequestOptions {
  return {
    ...options,
    challenge: bytes(options["challenge"]),
    allowCredentials: credentials(options["allowCredentials"]),
  } as unknown as PublicKeyCredentialRequestOptions;
}

function credentials(listed: unknown): readonly unknown[] {
  if (!Array.isArray(listed)) return [];
  return (listed as readonly Options[]).map((each) =>
    Object.assign({}, each, { id: bytes(each["id"]) }),
  );
}

function registered(made: PublicKeyCredential): unknown {
  const answer = made.response as AuthenticatorAttestationResponse;
  return {
    ...common(made),
    response: {
      clientDataJSON: text(answer.clientDataJSON),
      attestationObject: text(answer.attestationObject),
      transports: answer.getTransports(),
    },
  };
}

function asserted(made: PublicKeyCredential): unknown {
  const answer = made.response as AuthenticatorAssertionResponse;
  return {
    ...common(made),
    response: {
      clientDataJSON: text(answer.clientDataJSON),
      authenticatorData: text(answer.authenticatorData),
      signature: text(answer.signature),
      userHandle: answer.userHandle === null ? null : text(answer.userHandle),
    },
  };
}

function common(made: PublicKeyCredential): Options {
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: made.getClientExtensionResults(),
  };
}

function bytes(base64url: unknown): Uint8Array<ArrayBuffer> {
  const base64 = String(base64url).replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (letter) => letter.codePointAt(0) ?? 0);
}

function text(buffer: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCodePoint(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
