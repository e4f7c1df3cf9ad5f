import { describe, expect, test } from "vitest";

import type { DeskFrame } from "../../api/desk-types";
import { VirtualClock } from "../../testing/virtual-clock";
import { DeskFeed } from "./feed";

class FakeDesk {
  readonly clock = new VirtualClock(Date.parse("2026-11-22T00:00:00Z"));
  readonly sockets: { hear(frame: DeskFrame): void; lose(): void; isOpen: boolean }[] = [];
  readonly feed = new DeskFeed((events) => {
    const socket = {
      hear: events.heard,
      lose: events.lost,
      isOpen: true,
      close: () => void (socket.isOpen = false),
    };
    this.sockets.push(socket);
    return socket;
  }, this.clock);

  get socket() {
    const found = this.sockets.at(-1);
    if (found === undefined) throw new Error("no socket was opened");
    return found;
  }

  beat(at = new Date(this.clock.now()).toISOString()): void {
    this.socket.hear({ type: "beat", at });
  }
}

describe("the desk's feed", () => {
  test("is live once the node was heard", () => {
    const desk = new FakeDesk();
    desk.feed.subscribe(() => undefined);
    expect(desk.feed.snapshot().contact).toBe("connecting");
    desk.beat();
    expect(desk.feed.snapshot().contact).toBe("live");
  });

  test("tells what the node says is wrong with itself, and when that is over", () => {
    const desk = new FakeDesk();
    desk.feed.subscribe(() => undefined);
    expect(desk.feed.snapshot().node).toBeNull();
    desk.socket.hear({ type: "node", troubles: ["storage.full"], backup_at: null });
    expect(desk.feed.snapshot()).toMatchObject({
      contact: "live",
      node: { troubles: ["storage.full"], backup_at: null },
    });
    desk.socket.hear({ type: "node", troubles: [], backup_at: "2026-11-22T00:00:00Z" });
    expect(desk.feed.snapshot().node?.troubles).toEqual([]);
  });

  test("says that the node is silent after four missed beats, and keeps what it knew", async () => {
    const desk = new FakeDesk();
    desk.feed.subscribe(() => undefined);
    desk.socket.hear({ type: "lines", lines: [] });
    await desk.clock.pass(3_000);
    expect(desk.feed.snapshot().contact).toBe("live");
    await desk.clock.pass(1_000);
    expect(desk.feed.snapshot()).toMatchObject({ contact: "silent", lines: [] });
  });

  test("says so as soon where every new try is refused at once", async () => {
    const desk = new FakeDesk();
    desk.feed.subscribe(() => undefined);
    desk.beat();
    for (let passed = 0; passed < 4_000; passed += 100) {
      if (desk.socket.isOpen) desk.socket.lose();
      await desk.clock.pass(100);
    }
    expect(desk.sockets.length).toBeGreaterThan(3);
    expect(desk.feed.snapshot().contact).toBe("silent");
  });

  test("gives a new try its time, however long the node was silent", async () => {
    const desk = new FakeDesk();
    desk.feed.subscribe(() => undefined);
    await desk.clock.pass(4_500);
    expect(desk.feed.snapshot().contact).toBe("silent");
    const tries = desk.sockets.length;
    await desk.clock.pass(2_500);
    expect(desk.sockets).toHaveLength(tries);
    desk.beat();
    expect(desk.feed.snapshot().contact).toBe("live");
  });

  test("forgets who was forced before it came back, unless the node tells of them", async () => {
    const desk = new FakeDesk();
    const at = "2026-11-02T12:00:00Z";
    const calls = [{ id: "u1", person: { id: "p2", name: "Maria" }, began_at: at, seen_at: at }];
    desk.feed.subscribe(() => undefined);
    desk.socket.hear({ type: "duress", calls });
    desk.beat();
    expect(desk.feed.snapshot().duress).toEqual(calls);
    desk.socket.lose();
    await desk.clock.pass(1_000);
    desk.beat();
    expect(desk.feed.snapshot().duress).toEqual([]);
  });

  test("forgets roles that were lent before it came back, unless the node tells of them", async () => {
    const desk = new FakeDesk();
    const lent = [
      {
        id: "g1",
        person: { id: "p2", name: "Maria" },
        role: "releaser",
        reason: "Nobody is there.",
        ends_at: null,
        second: null,
        state: "open",
      },
    ];
    desk.feed.subscribe(() => undefined);
    desk.socket.hear({ type: "break_glass", lent });
    desk.beat();
    expect(desk.feed.snapshot().lent).toEqual(lent);
    desk.socket.lose();
    await desk.clock.pass(1_000);
    expect(desk.feed.snapshot().lent).toEqual(lent);
    desk.beat();
    expect(desk.feed.snapshot().lent).toEqual([]);
  });

  test("comes back by itself, however long the node was away", async () => {
    const desk = new FakeDesk();
    desk.feed.subscribe(() => undefined);
    desk.beat();
    desk.socket.lose();
    for (let tries = 0; tries < 30; tries += 1) {
      await desk.clock.pass(6_000);
      if (desk.socket.isOpen) desk.socket.lose();
    }
    await desk.clock.pass(5_000);
    expect(desk.feed.snapshot().contact).toBe("silent");
    desk.beat();
    expect(desk.feed.snapshot().contact).toBe("live");
  });

  test("dates proofs by the node's clock", () => {
    const desk = new FakeDesk();
    desk.feed.subscribe(() => undefined);
    desk.beat(new Date(desk.clock.now() + 3_600_000).toISOString());
    expect(desk.feed.snapshot().clock_offset_ms).toBe(3_600_000);
  });

  test("does not listen to a socket it has given up", async () => {
    const desk = new FakeDesk();
    desk.feed.subscribe(() => undefined);
    const [old] = desk.sockets;
    desk.beat();
    await desk.clock.pass(4_500);
    expect(desk.sockets.length).toBeGreaterThan(1);
    old?.hear({ type: "lines", lines: [] });
    expect(desk.feed.snapshot().lines).toBeNull();
  });

  test("rests when nobody listens, and tries at once when nudged", async () => {
    const desk = new FakeDesk();
    const stop = desk.feed.subscribe(() => undefined);
    desk.socket.lose();
    const before = desk.sockets.length;
    desk.feed.nudge();
    expect(desk.sockets).toHaveLength(before + 1);
    stop();
    await desk.clock.pass(60_000);
    desk.feed.nudge();
    expect(desk.sockets).toHaveLength(before + 1);
  });
});
