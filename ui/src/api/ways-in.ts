/** Ways in beside passkeys and one-time links: the party's own provider of sign-ins. */
import { ask, tell } from "./node";
import * as frames from "./people-frames";
import type { WaysIn } from "./people-types";

/** What else lets people in at this node. */
export async function readWaysIn(): Promise<WaysIn> {
  return ask("/api/sign-in", frames.waysIn);
}

/** Asks the node where its provider is, and goes there; this browser alone can come back. */
export async function goToProvider(): Promise<void> {
  const { address } = await tell("POST", "/api/sign-in/provider/begin", {}, frames.providerAddress);
  window.location.assign(address);
}
