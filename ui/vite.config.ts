import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

import { linguiMacro } from "./config/lingui-macro.ts";

/** Where a node under development listens; the dev page passes its API and sockets on to it. */
const NODE_ORIGIN = process.env["PARLEY_NODE"] ?? "http://localhost:7480";

export default defineConfig({
  plugins: [linguiMacro(), react()],
  build: {
    target: "es2022",
    // No polyfill or preload script inline: the node serves a policy without inline script.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // What counts is the gzip budget, which config/budget.mjs checks.
    chunkSizeWarningLimit: 700,
    manifest: true,
  },
  server: {
    proxy: {
      "/api": { target: NODE_ORIGIN, ws: true, changeOrigin: false },
      "/sign-in": { target: NODE_ORIGIN },
      "/healthz": { target: NODE_ORIGIN },
    },
  },
});
