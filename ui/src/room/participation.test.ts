import { describe, expect, test } from "vitest";

import type { Participant, PartyId, TrackId } from "../api/types";
import { FakeRoom, SEAT } from "../testing/fake-room";

const far = (camera: { muted: boolean }): Participant => ({
  id: "far" as Participant["id"],
  name: "Far",
  party: { id: "theirs" as PartyId, name: "Theirs" },
  is_self: false,
  is_local: false,
  route: [],
  tracks: [{ id: "far/1" as TrackId, kind: "camera", muted: camera.muted, layers: [0, 1, 2] }],
});

describe("joining", () => {
  test("costs one question and one answer on what was prepared", async () => {
    const room = new FakeRoom();
    await room.enter();
    expect(room.state).toBe("live");
    expect(room.sockets).toHaveLength(1);
    expect(room.transports).toHaveLength(1);
    expect(room.said("join")).toEqual([
      {
        type: "join",
        offer: "offer",
        resume: null,
        muted: { microphone: false, camera: false, screen: true },
      },
    ]);
  });

  test("sends the media that are on, from the first packet", async () => {
    const room = new FakeRoom();
    await room.enter();
    expect(room.transport.sending.microphone).not.toBeNull();
    expect(room.transport.sending.camera).not.toBeNull();
  });

  test("is possible without any device, to listen", async () => {
    const room = new FakeRoom();
    room.attendance.turn("microphone", false);
    room.attendance.turn("camera", false);
    room.attendance.join();
    await room.welcome();
    expect(room.state).toBe("live");
    expect(room.source.asked).toBe(0);
    expect(room.transport.isSending).toBe(false);
  });

  test("asks for the far pictures before the page has drawn a tile", async () => {
    const room = new FakeRoom();
    await room.enter();
    room.socket.hear({ type: "roster", participants: [far({ muted: false })] });
    expect(room.said("watch")).toEqual([
      { type: "watch", slots: [{ slot: 0, track: "far/1", height: 360 }] },
    ]);
  });

  test("is given up on a final refusal, and tried again when the person says so", async () => {
    const room = new FakeRoom();
    room.attendance.join();
    await room.clock.pass(0);
    room.socket.hear({ type: "refused", code: "room.closed", params: {} });
    expect(room.state).toBe("refused");
    await room.pass(60_000);
    expect(room.sockets).toHaveLength(1);
    room.attendance.takeBack();
    await room.welcome();
    expect(room.state).toBe("live");
    expect(room.attendance.snapshot().refusal).toBeNull();
  });

  test("goes on by itself after a refusal that may pass", async () => {
    const room = new FakeRoom();
    room.attendance.join();
    await room.clock.pass(0);
    room.socket.hear({ type: "refused", code: "web.too_many", params: {} });
    expect(room.state).toBe("waiting");
    await room.pass(500);
    await room.welcome();
    expect(room.state).toBe("live");
  });

  test("tells whoever is no longer signed in, instead of trying for ever", async () => {
    const room = new FakeRoom();
    room.isSignedIn = false;
    room.attendance.join();
    await room.clock.pass(0);
    room.socket.lose(false);
    await room.clock.pass(0);
    expect(room.state).toBe("refused");
    expect(room.attendance.snapshot().refusal?.code).toBe("sign_in.needed");
  });
});

describe("a node that falls silent", () => {
  test("is noticed in three seconds, and nothing is sent from then on", async () => {
    const room = new FakeRoom();
    await room.enter();
    const { transport } = room;
    room.isBeating = false;
    await room.pass(2_500);
    expect(transport.isSending).toBe(true);
    await room.pass(1_000);
    expect(transport.isSending).toBe(false);
    expect(room.attendance.snapshot().standing).toMatchObject({
      state: "mending",
      is_silenced: true,
      cause: "silence",
    });
  });

  test("that was killed and comes back after ten minutes has the call back without an act", async () => {
    const room = new FakeRoom();
    await room.enter();
    room.isBeating = false;
    room.socket.lose();
    for (let minute = 0; minute < 10; minute += 1) {
      await room.pass(60_000);
      room.socket.lose(false);
    }
    expect(room.transports.filter((each) => each.isSending && !each.isClosed)).toHaveLength(0);
    await room.pass(5_000);
    await room.welcome();
    expect(room.state).toBe("live");
    expect(room.transport.isSending).toBe(true);
  });

  test("is asked for the same seat again", async () => {
    const room = new FakeRoom();
    await room.enter();
    room.socket.lose();
    await room.clock.pass(0);
    expect(room.said("join")[0]?.resume).toBe(SEAT);
  });

  test("is tried again soon at first and every five seconds in the end", async () => {
    const room = new FakeRoom();
    await room.enter();
    room.isBeating = false;
    const opened: number[] = [];
    for (let lost = 0; lost < 9; lost += 1) {
      const before = room.sockets.length;
      const from = room.clock.now();
      room.socket.lose(false);
      while (room.sockets.length === before) await room.clock.pass(10);
      opened.push(room.clock.now() - from);
    }
    expect(opened[0]).toBeLessThanOrEqual(20);
    expect(opened.slice(1, 4)).toEqual([200, 400, 800]);
    expect(opened.slice(-2)).toEqual([5_000, 5_000]);
  });
});

describe("a place that has ended", () => {
  test.each(["stopping", "fault"])("because of %s is taken again by itself", async (reason) => {
    const room = new FakeRoom();
    await room.enter();
    room.socket.hear({ type: "ended", reason });
    await room.welcome();
    expect(room.state).toBe("live");
    expect(room.sockets).toHaveLength(2);
  });

  test("because the room was closed is not", async () => {
    const room = new FakeRoom();
    await room.enter();
    room.socket.hear({ type: "ended", reason: "closed" });
    await room.pass(60_000);
    expect(room.state).toBe("ended");
    expect(room.sockets).toHaveLength(1);
    expect(room.seat).toBeNull();
  });
});

describe("the old picture", () => {
  test("stays until the new one is there", async () => {
    const room = new FakeRoom();
    await room.enter();
    const [old] = room.transports;
    room.socket.lose();
    await room.clock.pass(0);
    expect(old?.isClosed).toBe(false);
    await room.welcome();
    expect(old?.isClosed).toBe(true);
    expect(room.transport.isSending).toBe(true);
  });
});

describe("a lost way for media", () => {
  test("that comes back within three seconds costs no new attempt", async () => {
    const room = new FakeRoom();
    await room.enter();
    room.transport.become("faltering");
    expect(room.state).toBe("faltering");
    expect(room.transport.isSending).toBe(false);
    await room.pass(2_000);
    room.transport.become("connected");
    expect(room.state).toBe("live");
    expect(room.transport.isSending).toBe(true);
    expect(room.transports).toHaveLength(1);
  });

  test("that does not is made anew on the same socket", async () => {
    const room = new FakeRoom();
    await room.enter();
    room.transport.become("faltering");
    await room.pass(3_500);
    expect(room.transports).toHaveLength(2);
    expect(room.sockets).toHaveLength(1);
    await room.welcome();
    expect(room.state).toBe("live");
  });

  test("that never connects is tried again, for ever", async () => {
    const room = new FakeRoom();
    room.isBeating = true;
    room.attendance.join();
    await room.pass(120_000);
    expect(room.transports.length).toBeGreaterThan(4);
    expect(["mending", "waiting"]).toContain(room.state);
  });

  test("is given more time while the node is heard, and none when it is not", async () => {
    const room = new FakeRoom();
    room.attendance.join();
    await room.pass(4_500);
    expect(room.attendance.snapshot().standing.attempts).toBe(1);
    room.isBeating = true;
    await room.pass(10_000);
    expect(room.attendance.snapshot().standing.attempts).toBe(1);
    await room.pass(8_000);
    expect(room.attendance.snapshot().standing.attempts).toBe(2);
  });

  test("and an answer the browser does not understand count as a failed attempt", async () => {
    const room = new FakeRoom();
    room.attendance.prepare();
    room.transport.isAccepting = false;
    room.attendance.join();
    await room.welcome();
    expect(room.state).toBe("waiting");
  });
});

describe("a device that slept", () => {
  test("mends the call at once, on a new socket", async () => {
    const room = new FakeRoom();
    await room.enter();
    await room.clock.sleep(3_600_000);
    await room.clock.pass(500);
    expect(room.attendance.snapshot().standing).toMatchObject({
      state: "mending",
      cause: "sleep",
      is_silenced: true,
    });
    expect(room.sockets).toHaveLength(2);
  });

  test("is told apart from a page that stood still while the node was there", async () => {
    const room = new FakeRoom();
    await room.enter();
    await room.clock.sleep(8_000);
    room.socket.hear({ type: "beat", at: "2026-01-01T00:00:00Z" });
    await room.pass(2_000);
    expect(room.state).toBe("live");
    expect(room.transports).toHaveLength(1);
  });

  test("does not wait out the pause when the network is back", async () => {
    const room = new FakeRoom();
    await room.enter();
    room.isBeating = false;
    room.socket.lose();
    room.socket.lose(false);
    expect(room.state).toBe("waiting");
    room.nudge();
    expect(room.state).toBe("mending");
  });
});

describe("a second tab", () => {
  test("puts this one aside, with everything closed, until the seat is taken back", async () => {
    const room = new FakeRoom();
    await room.enter();
    const { transport, socket } = room;
    room.isBeating = false;
    socket.hear({ type: "replaced" });
    expect(room.state).toBe("replaced");
    expect(transport.isClosed).toBe(true);
    expect(socket.isOpen).toBe(false);
    await room.pass(60_000);
    expect(room.sockets).toHaveLength(1);
    room.attendance.takeBack();
    await room.welcome();
    expect(room.state).toBe("live");
  });

  test("keeps its seat: this one takes it back by joining anew, not by resuming", async () => {
    const room = new FakeRoom();
    await room.enter();
    expect(room.seat).toBe(SEAT);
    room.socket.hear({ type: "replaced" });
    expect(room.seat).toBeNull();
    room.attendance.takeBack();
    await room.clock.pass(0);
    expect(room.said("join").map((join) => join.resume)).toEqual([null]);
  });

  test("that took the seat while this one was cut off is not put out by its return", async () => {
    const room = new FakeRoom();
    await room.enter();
    room.isBeating = false;
    room.socket.lose();
    await room.pass(500);
    expect(room.said("join").map((join) => join.resume)).toEqual([SEAT]);
    room.socket.hear({ type: "replaced" });
    expect(room.state).toBe("replaced");
    await room.pass(60_000);
    expect(room.said("join")).toHaveLength(1);
  });
});

describe("one's own media", () => {
  test("cost no bit while muted, and the node is told", async () => {
    const room = new FakeRoom();
    await room.enter();
    room.attendance.turn("microphone", false);
    expect(room.transport.sending.microphone).toBeNull();
    expect(room.said("muted").at(-1)).toEqual({
      type: "muted",
      microphone: true,
      camera: false,
      screen: true,
    });
    expect(room.devices.snapshot().microphone.track?.enabled).toBe(false);
  });

  test("that came on between the join and its answer are said after it", async () => {
    const room = new FakeRoom();
    room.attendance.join();
    await room.clock.pass(0);
    expect(room.said("join")[0]?.muted).toMatchObject({ microphone: true, camera: true });
    await room.devices.openBoth();
    expect(room.said("muted")).toEqual([]);
    await room.welcome();
    expect(room.said("muted")).toEqual([
      { type: "muted", microphone: false, camera: false, screen: true },
    ]);
  });

  test("are open while a key is held, and only then", async () => {
    const room = new FakeRoom();
    await room.enter();
    room.attendance.turn("microphone", false);
    room.attendance.holdTalk(true);
    expect(room.transport.sending.microphone).not.toBeNull();
    room.attendance.holdTalk(false);
    expect(room.transport.sending.microphone).toBeNull();
  });

  test("are said to be muted when the camera is unplugged, and picked up when it is back", async () => {
    const room = new FakeRoom();
    await room.enter();
    room.source.refuses = { video: "NotFoundError" };
    room.source.given.find((track) => track.kind === "video")?.unplug();
    await room.clock.pass(0);
    expect(room.devices.snapshot().camera.trouble).toBe("missing");
    expect(room.said("muted").at(-1)).toMatchObject({ camera: true });
    room.source.refuses = {};
    room.source.change();
    await room.clock.pass(0);
    expect(room.transport.sending.camera).not.toBeNull();
    expect(room.said("muted").at(-1)).toMatchObject({ camera: false });
  });

  test("are not sent by a device that opens while nothing is heard", async () => {
    const room = new FakeRoom();
    await room.enter();
    const { transport } = room;
    room.isBeating = false;
    await room.pass(4_000);
    room.attendance.turn("camera", false);
    room.attendance.turn("camera", true);
    await room.clock.pass(0);
    expect(transport.isSending).toBe(false);
  });

  test("are released on leaving, and the seat is given up", async () => {
    const room = new FakeRoom();
    await room.enter();
    const { socket } = room;
    room.attendance.leave();
    expect(socket.said.at(-1)).toEqual({ type: "leave" });
    expect(room.seat).toBeNull();
    expect(room.source.given.every((track) => track.readyState === "ended")).toBe(true);
  });
});
