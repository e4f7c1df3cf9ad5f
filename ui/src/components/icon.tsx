import type { ReactNode } from "react";

/** Drawn here, on a grid of 24: no icon font, nothing fetched. */
const DRAWINGS = {
  up: <path d="M5 12.5l4.5 4.5L19 7.5" />,
  warning: <path d="M12 4l9 16H3zM12 10v4.5M12 17.4v.1" />,
  cut: <path d="M5 5l14 14M19 5L5 19" />,
  unknown: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M9.5 9.5a2.5 2.5 0 113.6 2.2c-.8.4-1.1 1-1.1 1.8M12 16.9v.1" />
    </>
  ),
  coming: <circle cx="12" cy="12" r="9" strokeDasharray="3.5 3.6" />,
  over: <path d="M4 12h12M12.5 7.5L17 12l-4.5 4.5M20 5v14" />,
  cold: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M8 12h8" />
    </>
  ),
  turning: <path d="M20 12a8 8 0 11-2.4-5.7M20 3.5v4h-4" />,
  line: (
    <>
      <circle cx="5" cy="12" r="2.5" />
      <circle cx="19" cy="12" r="2.5" />
      <path d="M7.5 12h9" />
    </>
  ),
  room: <path d="M4 20V5.5L14 3v18L4 20zM14 6h6v14h-6M11 12v.1" />,
  person: (
    <>
      <circle cx="12" cy="8" r="4" />
      <path d="M4.5 20.5c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5" />
    </>
  ),
  people: (
    <>
      <circle cx="9" cy="8.5" r="3.5" />
      <path d="M2.5 20c.8-3.8 3.3-5 6.5-5s5.7 1.2 6.5 5M16 5.3a3.5 3.5 0 010 6.4M18 15.3c2 .7 3.1 2.2 3.5 4.7" />
    </>
  ),
  microphone: (
    <>
      <rect x="9" y="3" width="6" height="11" rx="3" />
      <path d="M5.5 11.5a6.5 6.5 0 0013 0M12 18v3" />
    </>
  ),
  microphone_off: (
    <>
      <path d="M15 10V6a3 3 0 00-5.7-1.3M9 9v2a3 3 0 004.5 2.6M5.5 11.5A6.5 6.5 0 0016 16.6M18.5 11.5a6.4 6.4 0 01-.4 2.2M12 18v3" />
      <path d="M4 4l16 16" />
    </>
  ),
  camera: (
    <>
      <rect x="3" y="6" width="12.5" height="12" rx="2" />
      <path d="M15.5 10.5L21 7.5v9l-5.5-3" />
    </>
  ),
  camera_off: (
    <>
      <path d="M9 6h4.5a2 2 0 012 2v2.5L21 7.5v9l-3-1.6M15.5 16v0a2 2 0 01-2 2H5a2 2 0 01-2-2V8a2 2 0 011.5-1.9" />
      <path d="M4 3l16 18" />
    </>
  ),
  screen: (
    <>
      <rect x="3" y="4.5" width="18" height="12" rx="2" />
      <path d="M12 13.5V8M9.5 10.3L12 7.8l2.5 2.5M8.5 20h7" />
    </>
  ),
  speaker: (
    <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 010 6M18 6.5a7.5 7.5 0 010 11" />
  ),
  leave: <path d="M14 4H6a1 1 0 00-1 1v14a1 1 0 001 1h8M10 12h11M17.5 8.5L21 12l-3.5 3.5" />,
  grid: <path d="M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z" />,
  principal: <path d="M3.5 4h17v11h-17zM3.5 18h4v2.5h-4zM10 18h4v2.5h-4zM16.5 18h4v2.5h-4z" />,
  keyboard: (
    <>
      <rect x="2.5" y="6" width="19" height="12" rx="2" />
      <path d="M6 10v.1M9 10v.1M12 10v.1M15 10v.1M18 10v.1M8 14h8" />
    </>
  ),
  settings: (
    <>
      <path d="M4 7h9M17 7h3M4 17h3M11 17h9" />
      <circle cx="15" cy="7" r="2" />
      <circle cx="9" cy="17" r="2" />
    </>
  ),
  pin: <path d="M9 3.5h6l-1 6.5 3.5 3.5h-11L10 10zM12 13.5V21" />,
  hold: (
    <path d="M8 12V6.5a1.5 1.5 0 013 0V11V4.5a1.5 1.5 0 013 0V11V6a1.5 1.5 0 013 0v8.5a6 6 0 01-6 6c-3 0-4.4-1.3-5.8-3.7L3.6 13.5a1.4 1.4 0 012.3-1.5L8 14" />
  ),
  open: <path d="M12 5v14M5 12h14" />,
  close: <path d="M6 6l12 12M18 6L6 18" />,
  chevron: <path d="M6 9.5l6 6 6-6" />,
  next: <path d="M9.5 5l7 7-7 7" />,
  aside: <path d="M4 8h16l-1.5 12h-13zM8 8V5h8v3" />,
  /** Come into this house. */
  into: <path d="M12 3.5v10.5M7.5 10l4.5 4.5 4.5-4.5M4 15v5h16v-5" />,
  node: (
    <>
      <rect x="4" y="4" width="16" height="7" rx="1.5" />
      <rect x="4" y="13" width="16" height="7" rx="1.5" />
      <path d="M7.5 7.5v.1M7.5 16.5v.1" />
    </>
  ),
  device: (
    <>
      <rect x="3.5" y="5" width="17" height="11" rx="1.5" />
      <path d="M2 19.5h20" />
    </>
  ),
  language: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M3 12h18M12 3c3 3 3.8 6 3.8 9s-.8 6-3.8 9c-3-3-3.8-6-3.8-9S9 6 12 3z" />
    </>
  ),
  appearance: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 3v18M12 7l7-1M12 12h9M12 17l7 1" />
    </>
  ),
} as const satisfies Record<string, ReactNode>;

/** Name of a drawing. */
export type IconName = keyof typeof DRAWINGS;

/** Drawings that point somewhere and turn round in right-to-left pages. */
const DIRECTED: ReadonlySet<IconName> = new Set([
  "leave",
  "next",
  "camera",
  "camera_off",
  "speaker",
]);

/** A drawing beside words; screen readers hear the words alone. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg
      className={DIRECTED.has(name) ? "icon icon-directed" : "icon"}
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
    >
      {DRAWINGS[name]}
    </svg>
  );
}
