/** An authenticator inside the browser, as WebAuthn's test interface gives one. */
import { generateKeyPairSync } from "node:crypto";
import type { CDPSession, Page } from "playwright-core";

const OPTIONS = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

/** An empty authenticator, whose person touches it whenever it asks. */
export async function withAuthenticator(page: Page): Promise<void> {
  await added(await page.context().newCDPSession(page));
}

/** One that holds a passkey of the fake node's person. */
export async function withPasskey(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const authenticatorId = await added(devtools);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const credential = {
    credentialId: Buffer.from("passkey of the fake").toString("base64"),
    isResidentCredential: true,
    rpId: "localhost",
    userHandle: Buffer.from("p1").toString("base64"),
    privateKey: privateKey.export({ format: "der", type: "pkcs8" }).toString("base64"),
    signCount: 1,
  };
  await devtools.send("WebAuthn.addCredential", { authenticatorId, credential });
}

async function added(devtools: CDPSession): Promise<string> {
  await devtools.send("WebAuthn.enable");
  const made = await devtools.send("WebAuthn.addVirtualAuthenticator", { options: OPTIONS });
  return made.authenticatorId;
}
