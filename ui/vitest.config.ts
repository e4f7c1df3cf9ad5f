import { defineConfig } from "vitest/config";

import { linguiMacro } from "./config/lingui-macro.ts";

export default defineConfig({
  plugins: [linguiMacro()],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["src/**/*.test.ts"],
          sequence: { shuffle: true },
          // Ends a test that hangs; a busy machine may take its time.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["testing/**/*.e2e.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
