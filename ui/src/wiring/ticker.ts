/** A Worker that says every second that a second has passed: a hidden page's own timers sleep. */
const EVERY_MS = 1_000;

// oxlint-disable-next-line unicorn/require-post-message-target-origin
setInterval(() => postMessage(null), EVERY_MS);
