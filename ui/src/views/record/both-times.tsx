import { useFormat } from "../../i18n/format";
import { useDesk } from "../desk/context";
import "./both-times.css";

/** An instant in the zone of each party that reads this record: ours first. */
export function BothTimes(props: {
  readonly at: string;
  /** Ids of the parties whose zones are shown beside ours. */
  readonly parties: readonly string[];
  /** Only the time of day, under a heading that has the day. */
  readonly isShort?: boolean;
}) {
  const format = useFormat();
  const { self, lines } = useDesk();
  const ours = self?.party.time_zone ?? "UTC";
  const theirs = (lines ?? [])
    .filter((line) => props.parties.includes(line.party.id))
    .map((line) => line.party.time_zone)
    .filter((zone) => zone !== ours);
  const zones = [ours, ...new Set(theirs)];
  const at = Date.parse(props.at);
  return (
    <time className="both-times" dateTime={props.at}>
      {zones.map((zone, index) => (
        <span key={zone} className={index === 0 ? "figures" : "figures soft"}>
          {props.isShort && index === 0
            ? format.time(at, zone)
            : `${format.time(at, zone)} ${placeOf(format.zone(zone, at))}`}
          {!props.isShort && ` · ${format.date(at, zone)}`}
        </span>
      ))}
    </time>
  );
}

/** "Tashkent" of "Tashkent, GMT+5". */
function placeOf(zone: string): string {
  return zone.split(",")[0] ?? zone;
}
