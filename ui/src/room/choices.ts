/** What a person chose at the device check, remembered in this browser alone. */

/** Chosen devices and how to enter a room. */
export interface Choices {
  readonly microphone: string | null;
  readonly camera: string | null;
  readonly speaker: string | null;
  readonly joins_with_microphone: boolean;
  readonly joins_with_camera: boolean;
  /** Sound as the microphone hears it, without noise and echo removed: for a stethoscope, music. */
  readonly has_original_sound: boolean;
  /** Single-key shortcuts answer; whoever dictates to the computer wants them off (WCAG 2.1.4). */
  readonly has_shortcuts: boolean;
}

/** Where the choices are kept. */
export const CHOICES_KEY = "parley.choices";

/** What holds until somebody chooses. */
export const FIRST_CHOICES: Choices = {
  microphone: null,
  camera: null,
  speaker: null,
  joins_with_microphone: true,
  joins_with_camera: true,
  has_original_sound: false,
  has_shortcuts: true,
};

/** Reads the choices; whatever is unreadable falls back to the first ones. */
export function readChoices(store: Pick<Storage, "getItem">): Choices {
  try {
    const kept: unknown = JSON.parse(store.getItem(CHOICES_KEY) ?? "{}");
    if (typeof kept !== "object" || kept === null) return FIRST_CHOICES;
    const known = Object.entries(FIRST_CHOICES).map(([name, first]) => {
      const value: unknown = (kept as Record<string, unknown>)[name];
      const isFit =
        typeof first === "boolean" ? typeof value === "boolean" : typeof value === "string";
      return [name, isFit ? value : first];
    });
    return Object.fromEntries(known) as Choices;
  } catch {
    return FIRST_CHOICES;
  }
}

/** Keeps the choices; a browser that keeps nothing (private mode, full disk) is no fault. */
export function keepChoices(store: Pick<Storage, "setItem">, choices: Choices): void {
  try {
    store.setItem(CHOICES_KEY, JSON.stringify(choices));
  } catch {
    // The choice holds for this page.
  }
}
