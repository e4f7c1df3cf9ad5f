/**
 * A node that says what a test tells it to: the page's API over real HTTP and WebSockets, the built
 * interface under the policy a real node sends, and no media.
 */
import { createReadStream, existsSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { type WebSocket, WebSocketServer } from "ws";

import type { Participant, ParticipantId, RoomFrame, RoomRequest } from "../src/api/types";
import type { DeskFrame, NodeState } from "../src/api/desk-types";
import type { TrailPart } from "../src/api/people-types";
import type { DraftWords } from "../src/api/alert-types";
import * as fakeAlerts from "./fake-alerts";
import * as fakePapers from "./fake-papers";
import * as fakePeople from "./fake-people";
import * as fakeRecord from "./fake-record";
import * as scenes from "./scenes";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
  "media-src 'self' blob: mediastream:; connect-src 'self'; object-src 'none'; base-uri 'none'; " +
  "form-action 'self'; frame-ancestors 'none'";

/** What is answered to an act, by what it said. */
type Answerer = (words: Readonly<Record<string, unknown>>) => unknown;

/** How the fake answers; a test changes it at any time. */
export interface Behaviour {
  isSignedIn: boolean;
  self: ReturnType<typeof scenes.self>;
  lines: ReturnType<typeof scenes.lines>;
  rooms: ReturnType<typeof scenes.rooms>;
  refusals: ReturnType<typeof scenes.refusals>;
  /** What the party's own provider of sign-ins is called. */
  provider: string | null;
  trail: ReturnType<typeof fakePeople.trail>;
  /** Answers to questions about people, by path. */
  answers: ReturnType<typeof fakePeople.answers>;
  spaces: ReturnType<typeof fakeRecord.spaces>;
  state: NodeState;
  entries: ReturnType<typeof fakeRecord.entries>;
  alerts: ReturnType<typeof fakeAlerts.quiet>;
  drafts: ReturnType<typeof fakeAlerts.drafts>;
  /** Refuse acts that bind until a passkey was shown. */
  wantsStepUp: boolean;
  /** The file that an export is. */
  export: Uint8Array;
  /** Refuse whatever is asked to be done with this code. */
  problem: { readonly status: number; readonly code: string } | null;
  /** Whether sockets are answered and beats sent. */
  isAlive: boolean;
  /** Refuse every join with this code. */
  refusal: string | null;
  /** Who is in the room, oneself (`ME`) among them. */
  people: ReturnType<typeof scenes.people>;
}

function asUsual(): Behaviour {
  return {
    isSignedIn: true,
    self: scenes.self(),
    lines: scenes.lines(),
    rooms: scenes.rooms(),
    refusals: scenes.refusals(),
    provider: null,
    trail: fakePeople.trail(),
    answers: { ...fakePeople.answers(), ...fakePapers.answers() },
    spaces: fakeRecord.spaces(),
    state: { troubles: [], backup_at: new Date(Date.now() - 7_200_000).toISOString() },
    entries: fakeRecord.entries(),
    alerts: [],
    drafts: [],
    wantsStepUp: false,
    export: fakeRecord.EXPORT,
    problem: null,
    isAlive: true,
    refusal: null,
    people: scenes.people(),
  };
}

/** The one place of the one person; its page may be away for a while. */
interface Seat {
  readonly participant: ParticipantId;
  page: WebSocket | null;
}

/** One fake node. */
export class FakeNode {
  readonly behaviour: Behaviour = asUsual();
  /** Everything pages asked in rooms, in order. */
  readonly asked: RoomRequest[] = [];
  /** Everything pages asked to be done, in order. */
  readonly done: { method: string; path: string; words: Readonly<Record<string, unknown>> }[] = [];
  #seat: Seat | null = null;
  #seats = 0;
  #changes = 0;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #open = new Map<WebSocket, "desk" | "room">();
  readonly #beat: ReturnType<typeof setInterval>;

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on("upgrade", (request, socket, head) => {
      if (!this.behaviour.isAlive || !this.behaviour.isSignedIn) {
        socket.destroy();
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (open) =>
        this.#opened(open, request.url ?? ""),
      );
    });
    this.#beat = setInterval(() => this.#beatAll(), 1_000);
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    clearInterval(this.#beat);
    for (const socket of this.#open.keys()) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  /** Behaves as usual again. */
  reset(): void {
    Object.assign(this.behaviour, asUsual());
  }

  /** Says a frame to every page that is in a room. */
  tellRooms(frame: RoomFrame): void {
    for (const [socket, kind] of this.#open)
      if (kind === "room") socket.send(JSON.stringify(frame));
  }

  /** Tells whoever is in the room who is in it. */
  tellRoster(): void {
    const seat = this.#seat;
    if (seat?.page != null) tell(seat.page, roster(this.behaviour.people, seat));
  }

  /** Tells every desk that something about alerts is new. */
  tellAlerts(): void {
    this.#changes += 1;
    const frame = JSON.stringify({ type: "alerts", number: this.#changes } satisfies DeskFrame);
    for (const [socket, kind] of this.#open) if (kind === "desk") socket.send(frame);
  }

  /** Hangs up on everybody, as a node that was killed does. */
  die(): void {
    this.behaviour.isAlive = false;
    this.#seat = null;
    for (const socket of this.#open.keys()) socket.terminate();
    this.#open.clear();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? "/", "http://node").pathname;
    if (!this.behaviour.isAlive) {
      response.destroy();
    } else if (path === "/healthz") {
      json(response, 200, {});
    } else if (path.startsWith("/api/")) {
      this.#api(new URL(request.url ?? "/", "http://node"), request, response);
    } else {
      serve(path, response);
    }
  }

  #api(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const path = url.pathname;
    const { isSignedIn, self, lines, rooms, refusals, spaces, problem } = this.behaviour;
    if (path === "/api/sign-in") {
      json(response, 200, { provider: this.behaviour.provider });
    } else if (path === "/api/sign-in/provider/begin") {
      this.done.push({ method: request.method ?? "", path, words: {} });
      const answer = { address: `http://${request.headers.host}/sign-in/provider` };
      json(response, 200, answer);
    } else if (path.startsWith("/api/sign-in/passkey/")) {
      void this.#enter(path, request, response);
    } else if (!isSignedIn) {
      json(response, 401, { status: 401, code: "sign_in.needed", params: {} });
    } else if (problem !== null && path !== "/api/self") {
      json(response, problem.status, { ...problem, params: {} });
    } else if (request.method !== "GET") {
      void this.#do(path, request, response);
    } else if (path === "/api/record/export") {
      response.writeHead(200, { "content-type": "application/zip" });
      response.end(this.behaviour.export);
    } else if (path === "/api/record/proof") {
      const { searchParams } = url;
      const index = Number(searchParams.get("index"));
      plain(response, fakeRecord.proof(searchParams.get("log") ?? "", index));
    } else if (path === "/api/record/trust") {
      plain(response, fakeRecord.trust());
    } else if (path === "/api/trail") {
      json(response, 200, this.#trail(url.searchParams));
    } else if (path === "/api/record/entries") {
      json(response, 200, { entries: this.#entries(url.searchParams), next: null });
    } else if (path === "/api/alerts") {
      json(response, 200, { alerts: this.#alerts(url.searchParams.get("open") === "true") });
    } else {
      const answers: Readonly<Record<string, unknown>> = {
        "/api/self": self,
        "/api/lines": { lines },
        "/api/rooms": { rooms },
        "/api/refusals": { refusals },
        "/api/record/spaces": { spaces },
        "/api/alerts/drafts": { drafts: this.behaviour.drafts },
        ...Object.fromEntries(
          this.#alerts(false).map((each) => [`/api/alerts/${each.hash}`, each]),
        ),
        ...this.behaviour.answers,
      };
      json(response, path in answers ? 200 : 404, answers[path] ?? { code: "web.not_found" });
    }
  }

  #alerts(isOpenOnly: boolean): Behaviour["alerts"] {
    const isOpen = (each: Behaviour["alerts"][number]) =>
      each.state !== "closed" && ["in_force", "expired"].includes(each.standing);
    return this.behaviour.alerts.filter((each) => !isOpenOnly || isOpen(each));
  }

  /** Three rows a page, as far as the filter lets them through. */
  #trail(asked: URLSearchParams): TrailPart {
    const before = Number(asked.get("before") ?? Infinity);
    const is_refused = asked.get("is_refused");
    const found = this.behaviour.trail.filter(
      ({ number, asker, outcome }) =>
        number < before &&
        [null, asker].includes(asked.get("asker")) &&
        (is_refused === null || (is_refused === "true") === (outcome !== "done")),
    );
    const rows = found.slice(0, 3);
    return { rows, next: found.length > rows.length ? (rows.at(-1)?.number ?? null) : null };
  }

  #entries(asked: URLSearchParams): Behaviour["entries"] {
    return this.behaviour.entries.filter(
      (entry) =>
        entry.space === asked.get("space") &&
        [null, entry.party.id as string].includes(asked.get("party")) &&
        [null, String(entry.kind)].includes(asked.get("kind")) &&
        [null, entry.thread].includes(asked.get("thread")) &&
        (asked.get("set_aside") === null || entry.set_aside !== null),
    );
  }

  /** Whoever shows any passkey at all is let in. */
  async #enter(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const words = await wordsOf(request);
    this.done.push({ method: request.method ?? "", path, words });
    if (path.endsWith("/finish")) this.behaviour.isSignedIn = true;
    json(response, 200, fakePeople.done(path, request.headers.host ?? "") ?? {});
  }

  async #do(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const words = await wordsOf(request);
    this.done.push({ method: request.method ?? "", path, words });
    const { wantsStepUp } = this.behaviour;
    if (path === "/api/step-up/finish") this.behaviour.wantsStepUp = false;
    const answer =
      fakePeople.done(path, request.headers.host ?? "") ??
      fakePapers.done(path, words, this.behaviour.answers);
    if (wantsStepUp && !path.startsWith("/api/step-up/")) {
      json(response, 403, { code: "permission.step_up_needed", params: {} });
      return;
    }
    // What a test wants said to an act, as it says what is answered to a question.
    const said = this.behaviour.answers[`${request.method} ${path}`] ?? null;
    const wanted = answer ?? (typeof said === "function" ? (said as Answerer)(words) : said);
    if (wanted !== null) {
      json(response, 200, wanted);
      return;
    }
    if (path.startsWith("/api/alerts/drafts") && "texts" in words) {
      const draft = fakeAlerts.kept(words as unknown as DraftWords);
      this.behaviour.drafts = [draft];
      json(response, 200, draft);
      return;
    }
    if (path !== "/api/record/remarks") {
      json(response, 200, {});
      return;
    }
    const newest = this.behaviour.entries.find((each) => each.party.id === scenes.OURS.id);
    if (newest === undefined) return;
    const entry = {
      ...newest,
      index: newest.index + 1,
      kind: 9,
      kind_name: "statement",
      body: { text: String(words["text"]) },
      written_at: new Date().toISOString(),
      receipts: newest.receipts.map((each) => Object.assign({}, each, { word: "queued" as const })),
    };
    this.behaviour.entries = [entry, ...this.behaviour.entries];
    json(response, 201, entry);
  }

  #opened(socket: WebSocket, path: string): void {
    const kind = path === "/api/desk" ? "desk" : "room";
    this.#open.set(socket, kind);
    socket.on("close", () => {
      this.#open.delete(socket);
      // The seat is kept for a while, as a real node keeps it.
      if (this.#seat?.page === socket) this.#seat.page = null;
    });
    if (kind === "desk") this.#tellDesk(socket);
    else
      socket.on("message", (words: Buffer) =>
        this.#asked(socket, JSON.parse(words.toString()) as RoomRequest),
      );
  }

  #tellDesk(socket: WebSocket): void {
    const { self, lines, rooms, spaces, state, answers } = this.behaviour;
    const frames = [
      { type: "self", ...self },
      { type: "lines", lines },
      { type: "rooms", rooms },
      { type: "record", spaces },
      { type: "break_glass", ...(answers["/api/break-glass"] as object) },
      { type: "duress", ...(answers["/api/duress"] as object) },
      { type: "node", ...state } satisfies DeskFrame,
      { type: "beat", at: new Date().toISOString() } satisfies DeskFrame,
    ];
    for (const frame of frames) socket.send(JSON.stringify(frame));
  }

  #asked(socket: WebSocket, request: RoomRequest): void {
    this.asked.push(request);
    const say = (frame: RoomFrame) => tell(socket, frame);
    if (request.type === "beat") return;
    if (request.type === "join") {
      this.#join(socket, request.resume);
      return;
    }
    if (this.#seat?.page !== socket) {
      say({ type: "refused", code: "room.not_joined", params: {} });
      return;
    }
    if (request.type === "leave") {
      say({ type: "ended", reason: "left" });
      this.#seat = null;
    }
    if (request.type === "watch") {
      say({
        type: "slots",
        audio: [0, 1, 2].map((slot) => ({ slot, track: null })),
        video: scenes.shown(request.slots),
      });
    }
  }

  #join(socket: WebSocket, resume: ParticipantId | null): void {
    if (this.behaviour.refusal !== null) {
      tell(socket, { type: "refused", code: this.behaviour.refusal, params: {} });
      return;
    }
    const seat = this.#seated(socket, resume);
    if (seat === null) {
      tell(socket, { type: "replaced" });
      return;
    }
    const video = Array.from({ length: 8 }, (_, slot) => String(3 + slot));
    tell(socket, {
      type: "joined",
      participant_id: seat.participant,
      answer: "v=0",
      slots: { video, audio: ["11", "12", "13"] },
    });
    const { people } = this.behaviour;
    tell(socket, roster(people, seat));
    tell(socket, { type: "quality", hops: scenes.hops() });
    const loudest = people.find((each) => !each.is_self);
    const tracks = loudest === undefined ? [] : [scenes.track(loudest.id, 0)];
    tell(socket, { type: "speakers", tracks });
  }

  /**
   * The rule of a real node (`Seats._join` in src/parley/rooms/seats.py): who resumes a seat that
   * another page has taken since is told so and gets none; who joins anew takes it.
   */
  #seated(socket: WebSocket, resume: ParticipantId | null): Seat | null {
    const held = this.#seat;
    const isOther = held !== null && held.page !== socket;
    const resumes = held !== null && resume === held.participant;
    if (held?.page != null && resume !== null && !resumes) return null;
    if (isOther && held.page !== null) tell(held.page, { type: "replaced" });
    const keeps = held !== null && (resumes || !isOther);
    const seat = keeps ? held : { participant: this.#nextParticipant(), page: null };
    seat.page = socket;
    this.#seat = seat;
    return seat;
  }

  #nextParticipant(): ParticipantId {
    this.#seats += 1;
    return this.#seats === 1 ? scenes.ME : (`m${this.#seats}`.padEnd(26, "m") as ParticipantId);
  }

  #beatAll(): void {
    if (!this.behaviour.isAlive) return;
    const frame = JSON.stringify({ type: "beat", at: new Date().toISOString() });
    for (const socket of this.#open.keys()) socket.send(frame);
  }
}

function tell(socket: WebSocket, frame: RoomFrame): void {
  socket.send(JSON.stringify(frame));
}

function roster(people: readonly Participant[], seat: Seat): RoomFrame {
  return { type: "roster", participants: people.map((each) => as(each, seat)) };
}

/** Oneself under the id of one's seat. */
function as(each: Participant, { participant }: Seat): Participant {
  if (!each.is_self) return each;
  const tracks = each.tracks.map((track, index) =>
    Object.assign({}, track, { id: scenes.track(participant, index) }),
  );
  return { ...each, id: participant, tracks };
}

function serve(path: string, response: ServerResponse): void {
  const wanted = normalize(join(DIST, path));
  const isFile = wanted.startsWith(DIST) && extname(wanted) !== "" && existsSync(wanted);
  const file = isFile ? wanted : join(DIST, "index.html");
  response.writeHead(200, {
    "content-type": TYPES[extname(file)] ?? "application/octet-stream",
    "content-security-policy": POLICY,
    // As a real node: what is named by its content is asked for once.
    "cache-control": path.startsWith("/assets/")
      ? "public, max-age=31536000, immutable"
      : "no-cache",
  });
  createReadStream(file).pipe(response);
}

async function wordsOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  let text = "";
  for await (const piece of request) text += String(piece);
  return text === "" ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>);
}

function plain(response: ServerResponse, text: string): void {
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
  response.end(text);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
