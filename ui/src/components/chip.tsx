import { Icon, type IconName } from "./icon";

/** Colour with a meaning; never shown without its drawing and a word. */
export type Tone = "noted" | "good" | "fair" | "poor" | "cut" | "unknown" | "coming" | "over";

const DRAWING: Readonly<Record<Tone, IconName>> = {
  noted: "next",
  good: "up",
  fair: "warning",
  poor: "warning",
  cut: "cut",
  unknown: "unknown",
  coming: "coming",
  over: "over",
};

/** A state: colour, drawing and word together. */
export function Chip(props: {
  readonly tone: Tone;
  readonly children: string;
  readonly icon?: IconName;
}) {
  return (
    <span className={`chip chip-${props.tone}`}>
      <Icon name={props.icon ?? DRAWING[props.tone]} />
      <span>{props.children}</span>
    </span>
  );
}
