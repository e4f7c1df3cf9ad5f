import { expect, test } from "vitest";

import { layerScales } from "./transport";

test.each([
  [1280, 720, [4, 2, 1]],
  [960, 540, [4, 2, 1]],
  [640, 480, [2, 1]],
  [640, 360, [2, 1]],
  [320, 240, [1]],
])("the last layer of a %i x %i camera is the whole picture", (width, height, scales) => {
  expect(layerScales({ width, height })).toEqual(scales);
});

test("a camera that does not tell its size is taken for an ordinary one", () => {
  expect(layerScales({})).toEqual([4, 2, 1]);
});
