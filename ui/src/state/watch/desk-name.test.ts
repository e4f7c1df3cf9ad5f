import { describe, expect, test } from "vitest";

import { deskNamed } from "./desk-name";

describe("the name of a desk", () => {
  test("is read where a machine made it, and stands where a person did", () => {
    expect(deskNamed("desk 3pri")).toEqual({ kind: "desk", letters: "3pri" });
    expect(deskNamed("terminal")).toEqual({ kind: "terminal" });
    for (const name of ["Bridge, port side", "desk 3PRI", "desk 3prix", "a desk 3pri", ""])
      expect(deskNamed(name)).toEqual({ kind: "named", name });
  });
});
