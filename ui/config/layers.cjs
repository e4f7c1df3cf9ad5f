/** Who may import whom. Types are counted like code unless a rule says otherwise. */
module.exports = {
    forbidden: [
        {
            name: "no-cycles",
            comment: "Two files that need each other are one file, or miss a third.",
            severity: "error",
            from: {},
            to: { circular: true },
        },
        {
            name: "state-has-no-dom-and-no-view",
            comment:
                "View models run without a page; tsconfig.state.json checks that they name no DOM type.",
            severity: "error",
            from: { path: "^src/state/", pathNot: "\\.test\\.ts$" },
            to: {
                pathNot: "^src/(state/|api/[a-z-]*types\\.ts|errors\\.ts|record/told\\.ts)",
            },
        },
        {
            name: "room-has-no-framework",
            comment: "The room's media works in any page; React comes no nearer than the wiring.",
            severity: "error",
            from: { path: "^src/room/", pathNot: "\\.test\\.ts$" },
            to: { pathNot: "^src/(room/|api/|errors\\.ts)" },
        },
        {
            name: "verifier-stands-alone",
            comment:
                "What checks a record shares nothing with what shows it, nor with any page: it runs in a Worker.",
            severity: "error",
            from: { path: "^src/record/", pathNot: "\\.test\\.ts$" },
            to: { path: "^src/", pathNot: "^src/record/" },
        },
        {
            name: "views-load-no-verifier",
            comment: "Pages know its contract; the wiring starts its Worker.",
            severity: "error",
            from: { path: "^src/(views|components|state)/" },
            to: { path: "^src/record/(?!(contract|told)\\.ts)" },
        },
        {
            name: "views-import-no-webrtc",
            comment: "Views know snapshots and acts; only the contract of the room is theirs.",
            severity: "error",
            from: { path: "^src/(views|components)/" },
            to: { path: "^src/(room/(?!contract\\.ts)|wiring/)" },
        },
        {
            name: "components-know-no-domain",
            comment: "A component shows what it is given.",
            severity: "error",
            from: { path: "^src/components/" },
            to: { path: "^src/(views|state|api|room|wiring)/" },
        },
        {
            name: "api-is-the-ground",
            comment: "What is said on the wire depends on nothing above it.",
            severity: "error",
            from: { path: "^src/api/", pathNot: "\\.test\\.ts$" },
            to: { path: "^src/(views|state|components|room|wiring|i18n)/" },
        },
        {
            name: "tests-stay-out-of-the-page",
            comment: "What is served holds nothing made for tests.",
            severity: "error",
            from: { path: "^src/", pathNot: "(\\.test\\.ts$|^src/testing/)" },
            to: { path: "(\\.test\\.ts$|^src/testing/|^testing/)" },
        },
        {
            name: "nothing-unresolved",
            comment: "An import that is not found is a fault of the build.",
            severity: "error",
            from: {},
            to: { couldNotResolve: true, pathNot: "^(node:|.*/locales/)" },
        },
    ],
    options: {
        doNotFollow: { path: "node_modules" },
        exclude: { path: "^(dist|src/i18n/locales)/" },
        tsPreCompilationDeps: true,
        enhancedResolveOptions: {
            extensions: [".ts", ".tsx", ".js", ".mjs", ".json", ".css"],
            exportsFields: ["exports"],
            conditionNames: ["import", "browser", "default", "types"],
        },
    },
};
