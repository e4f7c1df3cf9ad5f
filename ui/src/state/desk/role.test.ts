import { expect, it } from "vitest";

import { foremostRole } from "./role";

it("a releaser who is a member too is shown as a releaser", () => {
  expect(foremostRole(["member", "duty_officer", "releaser"])).toBe("releaser");
  expect(foremostRole(["member"])).toBe("member");
});

it("a role that is not known here is shown rather than none", () => {
  expect(foremostRole(["gardener"])).toBe("gardener");
  expect(foremostRole([])).toBeNull();
});
