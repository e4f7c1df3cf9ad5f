/** A node and a network for one attendance, moved by hand in virtual time. */
import type { ParticipantId, RoomFrame, RoomId, RoomRequest, TrackKind } from "../api/types";
import { Devices } from "../room/devices";
import { Participation } from "../room/participation";
import type { OpenSignalling, SignallingEvents } from "../room/signalling";
import type { MakeTransport, Transport, TransportState } from "../room/transport";
import { FakeSource } from "./fake-devices";
import { VirtualClock } from "./virtual-clock";

/** One socket the page opened. */
export class FakeSocket {
  readonly said: RoomRequest[] = [];
  isOpen = true;

  constructor(private readonly events: SignallingEvents) {}

  say(request: RoomRequest): void {
    this.said.push(request);
  }

  close(): void {
    this.isOpen = false;
  }

  hear(frame: RoomFrame): void {
    if (this.isOpen) this.events.heard(frame);
  }

  lose(wasEverOpen = true): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.events.lost(wasEverOpen);
  }
}

/** One media link the page made. */
export class FakeTransport implements Transport {
  readonly offer = Promise.resolve("offer");
  readonly streams = { video: [], audio: [] };
  readonly sending: Record<TrackKind, MediaStreamTrack | null> = {
    microphone: null,
    camera: null,
    screen: null,
  };
  isClosed = false;
  isAccepting = true;

  constructor(private readonly changed: (state: TransportState) => void) {}

  async accept(): Promise<void> {
    if (!this.isAccepting) throw new Error("answer not understood");
  }

  send(kind: TrackKind, track: MediaStreamTrack | null): void {
    this.sending[kind] = track;
  }

  async stats(): Promise<RTCStatsReport> {
    return new Map();
  }

  close(): void {
    this.isClosed = true;
  }

  become(state: TransportState): void {
    if (!this.isClosed) this.changed(state);
  }

  get isSending(): boolean {
    return Object.values(this.sending).some((track) => track !== null);
  }
}

export const ROOM = "room" as RoomId;
export const SEAT = "seat" as ParticipantId;

/** An attendance with everything around it. */
export class FakeRoom {
  readonly clock = new VirtualClock();
  readonly source = new FakeSource();
  readonly sockets: FakeSocket[] = [];
  readonly transports: FakeTransport[] = [];
  seat: ParticipantId | null = null;
  isSignedIn: boolean | null = true;
  isBeating = false;
  nudge: () => void = () => undefined;
  readonly devices = new Devices(this.source.source);
  readonly attendance: Participation;

  constructor() {
    const openSignalling: OpenSignalling = (events) => {
      const socket = new FakeSocket(events);
      this.sockets.push(socket);
      return socket;
    };
    const makeTransport: MakeTransport = (changed) => {
      const transport = new FakeTransport(changed);
      this.transports.push(transport);
      return transport;
    };
    this.attendance = new Participation(ROOM, {
      clock: this.clock,
      devices: this.devices,
      openSignalling,
      makeTransport,
      seat: {
        read: () => this.seat,
        keep: (id) => {
          this.seat = id;
        },
      },
      isSignedIn: async () => this.isSignedIn,
      onNudge: (act) => {
        this.nudge = act;
        return () => undefined;
      },
    });
  }

  get socket(): FakeSocket {
    return last(this.sockets);
  }

  get transport(): FakeTransport {
    return last(this.transports);
  }

  get state(): string {
    return this.attendance.snapshot().standing.state;
  }

  /** Requests of one kind said on the newest socket. */
  said<T extends RoomRequest["type"]>(type: T): Extract<RoomRequest, { type: T }>[] {
    return this.socket.said.filter(
      (request): request is Extract<RoomRequest, { type: T }> => request.type === type,
    );
  }

  /** Time passes; the node beats each second while it is alive. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 500) {
      await this.clock.pass(Math.min(500, left));
      if (this.isBeating) this.socket.hear({ type: "beat", at: "2026-01-01T00:00:00Z" });
    }
  }

  /** The node answers the join that was asked, and media connects. */
  async welcome(): Promise<void> {
    await this.clock.pass(0);
    this.isBeating = true;
    this.socket.hear({
      type: "joined",
      participant_id: SEAT,
      answer: "answer",
      slots: { video: [], audio: [] },
    });
    await this.clock.pass(0);
    this.transport.become("connected");
    await this.clock.pass(0);
  }

  /** In the room, with microphone and camera. */
  async enter(): Promise<void> {
    this.attendance.prepare();
    await this.devices.openBoth();
    this.attendance.join();
    await this.welcome();
  }
}

function last<T>(all: readonly T[]): T {
  const found = all.at(-1);
  if (found === undefined) throw new Error("there is none yet");
  return found;
}
