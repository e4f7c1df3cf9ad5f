import { expect, test } from "vitest";

import { unhex } from "./bytes";
import { officeOf } from "./entry";

const RELEASER = "6872656c6561736572";

test.each([
  [142, `a200613f01${RELEASER}`, { office: "releaser" }],
  [142, "a100613f", { office: "not_said" }],
  [142, "a200613f0107", { office: "not_said" }],
  [152, "a200f60163411b5b", { office: "not_said" }],
  [4, "a100f6", {}],
  [4, `a200f603${RELEASER}`, { office: "releaser" }],
  [9, `a200613f01${RELEASER}`, {}],
])("an entry of kind %d says its office as its body does: %s", (kind, body, wanted) => {
  expect(officeOf({ kind, body: unhex(body) })).toEqual(wanted);
});
