/** Requests to one's own node about contacts. */
import * as frames from "./contact-frames";
import type { ContactLine, TrialOutcome, WrittenContact } from "./contact-types";
import { ask, say } from "./node";
import { use } from "./passkey";

/** Whom the two parties of each line name to each other, and who is there now. */
export async function readContacts(): Promise<readonly ContactLine[]> {
  return (await ask("/api/contacts", frames.contactLines)).lines;
}

/** Publishes our list, or null: confirms it as it stands; with a passkey over the very entry. */
export async function publishContacts(
  party: string,
  contacts: readonly WrittenContact[] | null,
): Promise<void> {
  const path = `/api/lines/${party}/contacts`;
  await say("POST", path, await use(path, { contacts }));
}

/** Says what came of using a contact just now. */
export async function noteTrial(
  party: string,
  said: { readonly mark: string; readonly outcome: TrialOutcome; readonly words: string | null },
): Promise<void> {
  await say("POST", `/api/lines/${party}/contacts/trials`, said);
}
