/** What leaves this machine: which media are truly on, and how they reach a transport. */
import { TRACK_KINDS, type Muted } from "../api/types";
import type { Mine } from "./contract";
import type { DevicesSnapshot } from "./devices";
import type { Transport } from "./transport";

/** What is truly on: wished, and backed by a device. */
export function whatIsOn(mine: Mine, is_talk_held: boolean, devices: DevicesSnapshot): Mine {
  return {
    microphone: (mine.microphone || is_talk_held) && devices.microphone.track !== null,
    camera: mine.camera && devices.camera.track !== null,
    screen: mine.screen && devices.screen.track !== null,
  };
}

/** The same, as it is said to the node. */
export function whatIsMuted(on: Mine): Muted {
  return { microphone: !on.microphone, camera: !on.camera, screen: !on.screen };
}

/** Gives a transport what is on, and nothing of what is not: muted media cost no bit of the line. */
export function feed(transport: Transport, on: Mine, devices: DevicesSnapshot): void {
  for (const kind of TRACK_KINDS) {
    const { track } = devices[kind];
    if (track !== null) track.enabled = on[kind];
    transport.send(kind, on[kind] ? track : null);
  }
}

/** Takes everything from a transport. */
export function starve(transport: Transport): void {
  for (const kind of TRACK_KINDS) transport.send(kind, null);
}
