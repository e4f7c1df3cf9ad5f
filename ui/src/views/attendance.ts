import { createContext, useContext, useSyncExternalStore } from "react";

import type { Attendance, DevicesSnapshot, RoomSnapshot, SoundCheck } from "../room/contract";

/** What the check and the room use, put there by the wiring. */
export interface AttendanceTools {
  readonly attendance: Attendance;
  readonly sound: SoundCheck;
  readonly measureRoundTrip: () => Promise<number>;
}

/** The attendance of the page. */
export const AttendanceContext = createContext<AttendanceTools | null>(null);

/** What the wiring put there. */
export function useTools(): AttendanceTools {
  const tools = useContext(AttendanceContext);
  if (tools === null) throw new Error("no attendance was wired");
  return tools;
}

/** The attendance as it is. */
export function useAttendance(): RoomSnapshot {
  const { attendance } = useTools();
  return useSyncExternalStore(attendance.subscribe, attendance.snapshot);
}

/** The devices as they are. */
export function useDevices(): DevicesSnapshot {
  const { devices } = useTools().attendance;
  return useSyncExternalStore(devices.subscribe, devices.snapshot);
}
