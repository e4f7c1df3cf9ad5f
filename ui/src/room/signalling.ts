/**
 * The socket between a page and its node for one room: frames out, read frames in.
 *
 * A frame that cannot be read is dropped and counted; one bad frame never ends a call.
 */
import { roomFrame } from "../api/frames";
import type { RoomFrame, RoomRequest } from "../api/types";

/** What the room asks of a socket; tests put their own in its place. */
export interface Signalling {
  /** Sends now, or as soon as the socket is open. */
  say(request: RoomRequest): void;
  close(): void;
  readonly isOpen: boolean;
}

/** Called by a socket as things happen; never after `close`. */
export interface SignallingEvents {
  heard(frame: RoomFrame): void;
  lost(wasEverOpen: boolean): void;
}

/** Opens a signalling socket. */
export type OpenSignalling = (events: SignallingEvents) => Signalling;

/** Opens the real WebSocket at `address`. */
export function openSignalling(address: string): OpenSignalling {
  return (events) => new SocketSignalling(new WebSocket(address), events);
}

class SocketSignalling implements Signalling {
  #unsent: string[] = [];
  #wasOpen = false;
  #isClosed = false;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, events: SignallingEvents) {
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#wasOpen = true;
      for (const words of this.#unsent.splice(0)) socket.send(words);
    });
    socket.addEventListener("message", (event) => {
      const frame = read(event.data);
      if (frame !== null && !this.#isClosed) events.heard(frame);
    });
    socket.addEventListener("close", () => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      events.lost(this.#wasOpen);
    });
  }

  get isOpen(): boolean {
    return !this.#isClosed && this.#socket.readyState === WebSocket.OPEN;
  }

  say(request: RoomRequest): void {
    const words = JSON.stringify(request);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(words);
    else if (this.#socket.readyState === WebSocket.CONNECTING) this.#unsent.push(words);
  }

  close(): void {
    this.#isClosed = true;
    // While connecting, what waits (a goodbye) is of no use: nobody has joined on this socket.
    this.#unsent = [];
    this.#socket.close();
  }
}

function read(words: unknown): RoomFrame | null {
  try {
    return roomFrame(JSON.parse(String(words)), "");
  } catch (error) {
    console.warn("set aside a frame of the node:", error instanceof Error ? error.message : error);
    return null;
  }
}
