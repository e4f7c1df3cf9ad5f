import { transformAsync } from "@babel/core";
import type { Plugin } from "vite";

/**
 * Turns Lingui's macros into plain calls before anything else reads the source.
 *
 * Babel touches only the files that use a macro; types and JSX stay as written for the compiler.
 */
export function linguiMacro(): Plugin {
  return {
    name: "parley:lingui-macro",
    enforce: "pre",
    transform: {
      filter: { id: { include: /\/src\/.*\.tsx?$/ }, code: /@lingui\/(core|react)\/macro/ },
      async handler(code, id) {
        const [filename] = id.split("?");
        const result = await transformAsync(code, {
          ...(filename === undefined ? {} : { filename }),
          babelrc: false,
          configFile: false,
          sourceMaps: true,
          parserOpts: { plugins: ["typescript", "jsx"] },
          plugins: ["@lingui/babel-plugin-lingui-macro"],
        });
        return result?.code == null ? null : { code: result.code, map: result.map as never };
      },
    },
  };
}
