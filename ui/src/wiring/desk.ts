/** The desk's feed over the browser's own WebSocket, clock and signs of life. */
import { deskFrame } from "../api/frames";
import { socketAddress } from "../api/node";
import { DeskFeed, type OpenDesk } from "../state/desk/feed";

const open: OpenDesk = (events) => {
  const socket = new WebSocket(socketAddress("/api/desk"));
  socket.addEventListener("message", (event) => {
    try {
      const frame = deskFrame(JSON.parse(String(event.data)), "");
      if (frame !== null) events.heard(frame);
    } catch (error) {
      console.warn(
        "set aside a frame of the node:",
        error instanceof Error ? error.message : error,
      );
    }
  });
  socket.addEventListener("close", () => events.lost());
  return { close: () => socket.close() };
};

/** Makes the feed of this page. */
export function makeDeskFeed(): DeskFeed {
  const feed = new DeskFeed(open, {
    now: () => Date.now(),
    after(delay_ms, act) {
      const timer = setTimeout(act, delay_ms);
      return () => clearTimeout(timer);
    },
  });
  onSignOfLife(() => feed.nudge());
  return feed;
}

/** Calls back when the network is back or the page is shown again; the answer unsubscribes. */
export function onSignOfLife(act: () => void): () => void {
  const shown = () => {
    if (document.visibilityState === "visible") act();
  };
  window.addEventListener("online", act);
  window.addEventListener("pageshow", act);
  document.addEventListener("visibilitychange", shown);
  return () => {
    window.removeEventListener("online", act);
    window.removeEventListener("pageshow", act);
    document.removeEventListener("visibilitychange", shown);
  };
}
