import { describe, expect, test } from "vitest";

import { handedOver } from "./handed-over";

const QUIET = "alert=0 check=0 missed=0 notification=0 reminder=0 call=0 crisis=0 untold=0;";

describe("what was handed over", () => {
  test("is counted by kind, and named by the beginnings of hashes", () => {
    const said = QUIET.replace("alert=0", "alert=2").replace("untold=0", "untold=1");
    const found = handedOver(`${said} alert:1a2b3c4d:delivered alert:99887766:held`);
    expect(found?.counts.alert).toBe(2);
    expect(found?.counts.crisis).toBe(0);
    expect(found?.untold).toBe(1);
    expect(found?.hashes).toEqual(["1a2b3c4d", "99887766"]);
  });

  test("was nothing on a quiet day", () => {
    const found = handedOver(QUIET);
    expect(Object.values(found?.counts ?? { none: 1 })).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(found?.hashes).toEqual([]);
  });

  test("is not read out of other words", () => {
    for (const words of ["", "revoked", "alert=2", "untold=1;", "alert=x untold=0;"]) {
      expect(handedOver(words)).toBeNull();
    }
  });
});
