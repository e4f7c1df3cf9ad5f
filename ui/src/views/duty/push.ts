/** Lets this browser be called by the node: permission, worker, subscription. */
import { addDutyDevice } from "../../api/duty";

const WORKER = "/push-worker.js";

/** Why this browser cannot be called. */
export type PushLack = "unsupported" | "refused";

/** Whether this browser can be called at all. */
export function canPush(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

/** Asks the person and the browser, and tells the node; says what is missing. */
export async function subscribe(push_key: string, name: string): Promise<PushLack | null> {
  if (!canPush()) return "unsupported";
  if ((await Notification.requestPermission()) !== "granted") return "refused";
  const worker = await navigator.serviceWorker.register(WORKER);
  await navigator.serviceWorker.ready;
  const before = await worker.pushManager.getSubscription();
  // Keys of a node that was set up anew are others.
  await before?.unsubscribe();
  const made = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: fromBase64url(push_key),
  });
  await addDutyDevice({
    name,
    endpoint: made.endpoint,
    public: toBase64url(made.getKey("p256dh")),
    secret: toBase64url(made.getKey("auth")),
  });
  return null;
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (letter) => letter.codePointAt(0) ?? 0);
}

function toBase64url(key: ArrayBuffer | null): string {
  const raw = String.fromCodePoint(...new Uint8Array(key ?? new ArrayBuffer(0)));
  return btoa(raw).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
