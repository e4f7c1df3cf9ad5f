import { useParams } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";

import { measureRoundTrip, readSelf, socketAddress } from "../api/node";
import type { ParticipantId, RoomId } from "../api/types";
import { ProblemError } from "../errors";
import { keepChoices, readChoices } from "../room/choices";
import { browserClock } from "../room/clock";
import { Devices } from "../room/devices";
import { Participation } from "../room/participation";
import { openSignalling } from "../room/signalling";
import { meter, playTone, wakeGraph } from "../room/sound";
import { makeTransport } from "../room/transport";
import { AttendanceContext } from "../views/attendance";
import { useCallOfRoom } from "../views/calls/of-room";
import { CheckPage } from "../views/check/check-page";
import { RoomPage } from "../views/room/room-page";
import { onSignOfLife } from "./desk";

const sound = { meter, playTone, wakeGraph };

/** The device check before a room. */
export function CheckRoute() {
  const { id } = useParams({ from: "/rooms/$id/check" });
  const attendance = useMemo(() => fresh(id as RoomId), [id]);
  useHold(id as RoomId);
  const tools = useMemo(() => ({ attendance, sound, measureRoundTrip }), [attendance]);
  return (
    <AttendanceContext value={tools}>
      <CheckPage key={id} />
    </AttendanceContext>
  );
}

/** The room itself. A page loaded anew in the middle of a call takes its seat again. */
export function RoomRoute() {
  const { id } = useParams({ from: "/rooms/$id" });
  const room = id as RoomId;
  const attendance = useMemo(() => attendanceIn(room), [room]);
  const isSeated = seat(room).read() !== null;
  const { agreed } = useCallOfRoom(room);
  const returns = useRef(false);
  useHold(room);
  useEffect(() => {
    if (attendance.snapshot().standing.state !== "ready" || !isSeated) return;
    const { mine } = attendance.snapshot();
    if (mine.microphone) void attendance.devices.open("microphone");
    returns.current = true;
    attendance.join();
  }, [attendance, isSeated]);
  useEffect(() => {
    // A camera is not asked for before it is known that it is wanted.
    if (agreed === "voice") attendance.keepToVoice();
    else if (agreed === "any" && returns.current && attendance.snapshot().mine.camera)
      void attendance.devices.open("camera");
  }, [attendance, agreed]);
  const tools = useMemo(() => ({ attendance, sound, measureRoundTrip }), [attendance]);
  return (
    <AttendanceContext value={tools}>
      <RoomPage key={id} />
    </AttendanceContext>
  );
}

/** One attendance per room and page, kept across the way from the check to the room. */
const attendances = new Map<RoomId, Participation>();

function attendanceIn(room: RoomId): Participation {
  const known = attendances.get(room) ?? make(room);
  attendances.set(room, known);
  return known;
}

/** An attendance that has not ended; whoever left and comes back begins anew. */
function fresh(room: RoomId): Participation {
  const known = attendances.get(room);
  const state = known?.snapshot().standing.state;
  if (state === "left" || state === "ended" || state === "refused") attendances.delete(room);
  return attendanceIn(room);
}

/** How many pages show a room; between the check and the room it is none for a moment. */
const holds = new Map<RoomId, number>();

/** Whoever goes elsewhere in the page leaves the room: no microphone stays open unseen. */
function useHold(room: RoomId): void {
  useEffect(() => {
    holds.set(room, (holds.get(room) ?? 0) + 1);
    return () => {
      holds.set(room, (holds.get(room) ?? 1) - 1);
      setTimeout(() => {
        if (holds.get(room) !== 0) return;
        attendances.get(room)?.leave();
        attendances.delete(room);
      });
    };
  }, [room]);
}

function make(room: RoomId): Participation {
  const devices = new Devices(navigator.mediaDevices, readChoices(localStorage));
  let kept = devices.snapshot().choices;
  devices.subscribe(() => {
    const { choices } = devices.snapshot();
    if (choices !== kept) keepChoices(localStorage, choices);
    kept = choices;
  });
  return new Participation(room, {
    clock: browserClock,
    devices,
    openSignalling: openSignalling(
      socketAddress(`/api/rooms/${encodeURIComponent(room)}/participate`),
    ),
    makeTransport,
    seat: seat(room),
    isSignedIn,
    onNudge: onSignOfLife,
  });
}

/** The seat outlives a reload of this tab, and no longer. */
function seat(room: RoomId) {
  const key = `parley.seat.${room}`;
  return {
    read: () => sessionStorage.getItem(key) as ParticipantId | null,
    keep(id: ParticipantId | null) {
      if (id === null) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, id);
    },
  };
}

async function isSignedIn(): Promise<boolean | null> {
  try {
    await readSelf();
    return true;
  } catch (error) {
    return error instanceof ProblemError && error.status === 401 ? false : null;
  }
}
