/** Requests to one's own node about its people, their devices, offices and rights. */
import { ask, say, tell } from "./node";
import * as frames from "./people-frames";
import type {
  BrokenGlass,
  Device,
  Handover,
  Invitation,
  Office,
  PermissionTable,
  PersonRow,
  TrailFilter,
  TrailPart,
} from "./people-types";

/** Everybody of our party. */
export async function readPeople(): Promise<readonly PersonRow[]> {
  return (await ask("/api/people", frames.people)).people;
}

/** Invites somebody; the answer has the link that lets them in, once. */
export async function invite(
  name: string,
  language: string,
  roles: readonly string[],
): Promise<Invitation> {
  return tell("POST", "/api/people", { name, language, roles }, frames.invitation);
}

/** Gives somebody a fresh one-time link. */
export async function inviteAgain(id: string): Promise<Invitation> {
  return tell("POST", `/api/people/${encodeURIComponent(id)}/link`, {}, frames.invitation);
}

/** Changes somebody's roles, or ends or gives back all their rights. */
export async function changePerson(
  id: string,
  change: { readonly roles?: readonly string[]; readonly is_revoked?: boolean },
): Promise<void> {
  await say("PATCH", `/api/people/${encodeURIComponent(id)}`, change);
}

/** Offices, and who is on duty in them. */
export async function readOffices(): Promise<readonly Office[]> {
  return (await ask("/api/offices", frames.offices)).offices;
}

/** What is open now, and passes to whoever takes a duty. */
export async function readHandover(): Promise<Handover> {
  return ask("/api/handover", frames.handover);
}

/** Makes an office of some people. */
export async function openOffice(office: {
  readonly name: string;
  readonly people: readonly string[];
}): Promise<void> {
  await say("POST", "/api/offices", office);
}

/** Changes an office's name or people, or closes it. */
export async function changeOffice(
  id: string,
  change: {
    readonly name?: string;
    readonly people?: readonly string[];
    readonly is_closed?: boolean;
  },
): Promise<void> {
  await say("PATCH", `/api/offices/${encodeURIComponent(id)}`, change);
}

/** Names the next for a duty: offers one's own, takes an empty or offered one, or lays it down. */
export async function passDuty(office: string, person: string | null): Promise<void> {
  await say("POST", `/api/offices/${encodeURIComponent(office)}/duty`, { person });
}

/** One's own browsers and passkeys. */
export async function readDevices(): Promise<readonly Device[]> {
  return (await ask("/api/devices", frames.devices)).devices;
}

/** Ends a browser's sign-in, or a passkey. */
export async function revokeDevice(id: string): Promise<void> {
  await say("DELETE", `/api/devices/${encodeURIComponent(id)}`, {});
}

/** Who may do what. */
export async function readPermissions(): Promise<PermissionTable> {
  return ask("/api/permissions", frames.permissions);
}

/** What was done here that binds, and what was refused; older than `before`. */
export async function readTrail(filter: TrailFilter, before: number | null): Promise<TrailPart> {
  const asked = new URLSearchParams();
  if (before !== null) asked.set("before", String(before));
  if (filter.asker !== null) asked.set("asker", filter.asker);
  if (filter.is_refused !== null) asked.set("is_refused", String(filter.is_refused));
  return ask(`/api/trail?${asked}`, frames.trail);
}

/** Roles that were asked for in an emergency, and those that are lent now. */
export async function readBrokenGlass(): Promise<readonly BrokenGlass[]> {
  return (await ask("/api/break-glass", frames.brokenGlass)).lent;
}

/** Says what came of another person's duress call. */
export async function settleDuress(call: string, words: string): Promise<void> {
  await say("POST", `/api/duress/${encodeURIComponent(call)}/settle`, { words });
}

/** Asks for a role one does not have, for a while. */
export async function breakGlass(role: string, reason: string): Promise<void> {
  await say("POST", "/api/break-glass", { role, reason });
}

/** Agrees that somebody else gets the role they asked for. */
export async function secondBrokenGlass(id: string): Promise<void> {
  await say("POST", `/api/break-glass/${encodeURIComponent(id)}/second`, {});
}

/** Takes such a role back before its time is over. */
export async function endBrokenGlass(id: string): Promise<void> {
  await say("POST", `/api/break-glass/${encodeURIComponent(id)}/end`, {});
}
