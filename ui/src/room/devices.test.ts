import { describe, expect, test } from "vitest";

import { FakeSource } from "../testing/fake-devices";
import { settle } from "../testing/virtual-clock";
import { type Choices, FIRST_CHOICES, keepChoices, readChoices } from "./choices";
import { Devices } from "./devices";

describe("opening devices", () => {
  test("asks the person once for both", async () => {
    const source = new FakeSource();
    const devices = new Devices(source.source);
    await devices.openBoth();
    expect(source.asked).toBe(1);
    expect(devices.snapshot().microphone.track).not.toBeNull();
    expect(devices.snapshot().camera.track).not.toBeNull();
  });

  test("gives the microphone when only the camera is refused", async () => {
    const source = new FakeSource();
    source.refuses = { video: "NotAllowedError" };
    const devices = new Devices(source.source);
    await devices.openBoth();
    expect(devices.snapshot().microphone.track).not.toBeNull();
    expect(devices.snapshot().camera).toMatchObject({
      track: null,
      trouble: "denied",
      is_wished: true,
    });
  });

  test.each([
    ["NotAllowedError", "denied"],
    ["NotFoundError", "missing"],
    ["OverconstrainedError", "missing"],
    ["NotReadableError", "busy"],
    ["AbortError", "busy"],
    ["SecurityError", "insecure"],
    ["TypeError", "failed"],
  ] as const)("names %s as %s", async (name, trouble) => {
    const source = new FakeSource();
    source.refuses = { audio: name };
    const devices = new Devices(source.source);
    await devices.open("microphone");
    expect(devices.snapshot().microphone.trouble).toBe(trouble);
  });

  test("says on an insecure page why there are none", async () => {
    const devices = new Devices(undefined);
    await devices.openBoth();
    expect(devices.snapshot().microphone.trouble).toBe("insecure");
    expect(devices.snapshot().camera.trouble).toBe("insecure");
  });

  test("that were closed meanwhile leaves no light on", async () => {
    const source = new FakeSource();
    const devices = new Devices(source.source);
    const opening = devices.open("camera");
    devices.close("camera");
    await opening;
    expect(source.given[0]?.readyState).toBe("ended");
    expect(devices.snapshot().camera.track).toBeNull();
  });
});

describe("a screen", () => {
  test("that was not chosen is no trouble that waits", async () => {
    const source = new FakeSource();
    source.refuses = { screen: "NotAllowedError" };
    const devices = new Devices(source.source);
    await devices.open("screen");
    expect(devices.snapshot().screen).toMatchObject({ is_wished: false, trouble: "dismissed" });
  });

  test("whose sharing the browser ended is simply over", async () => {
    const source = new FakeSource();
    const devices = new Devices(source.source);
    await devices.open("screen");
    source.given[0]?.unplug();
    expect(devices.snapshot().screen).toMatchObject({
      is_wished: false,
      track: null,
      trouble: null,
    });
  });
});

describe("a device that was unplugged", () => {
  test("is picked up when it is plugged in again", async () => {
    const source = new FakeSource();
    const devices = new Devices(source.source);
    await devices.open("microphone");
    source.given[0]?.unplug();
    expect(devices.snapshot().microphone.trouble).toBe("missing");
    source.change();
    await settle();
    expect(devices.snapshot().microphone).toMatchObject({ trouble: null });
    expect(devices.snapshot().microphone.track).not.toBeNull();
  });

  test("is not opened when nobody wishes it any more", async () => {
    const source = new FakeSource();
    const devices = new Devices(source.source);
    await devices.open("microphone");
    devices.close("microphone");
    source.change();
    await settle();
    expect(devices.snapshot().microphone.track).toBeNull();
  });
});

describe("choices", () => {
  test("are remembered", () => {
    const kept = new Map<string, string>();
    const store = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    const choices: Choices = { ...FIRST_CHOICES, camera: "c2", joins_with_microphone: false };
    keepChoices(store, choices);
    expect(readChoices(store)).toEqual(choices);
  });

  test.each(["", "null", "[1", '{"camera":7,"has_shortcuts":"yes"}', "3"])(
    "that are unreadable (%s) fall back to the first ones",
    (words) => {
      expect(readChoices({ getItem: () => words })).toEqual(FIRST_CHOICES);
    },
  );

  test("that cannot be kept do not stop the page", () => {
    const store = {
      setItem() {
        throw new DOMException("full", "QuotaExceededError");
      },
    };
    expect(() => keepChoices(store, FIRST_CHOICES)).not.toThrow();
  });
});
