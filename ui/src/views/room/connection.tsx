import { Trans, useLingui } from "@lingui/react/macro";

import { Chip, type Tone } from "../../components/chip";
import type { IconName } from "../../components/icon";
import { Notice } from "../../components/notice";
import { useNow } from "../../components/now";
import { useFormat } from "../../i18n/format";
import type { Cause, State } from "../../room/contract";
import { useAttendance } from "../attendance";

const TONES: Readonly<Record<State, readonly [Tone, IconName]>> = {
  ready: ["unknown", "turning"],
  joining: ["unknown", "turning"],
  live: ["good", "up"],
  faltering: ["poor", "warning"],
  mending: ["poor", "turning"],
  waiting: ["cut", "turning"],
  replaced: ["unknown", "cold"],
  refused: ["cut", "cut"],
  ended: ["unknown", "cold"],
  left: ["unknown", "cold"],
};

/** How the call stands, in a word; and while it is not whole, in a sentence. */
export function Connection() {
  const { standing } = useAttendance();
  const [tone, icon] = TONES[standing.state];
  const word = useWord(standing.state);
  return (
    <>
      <div data-testid="connection-state" data-state={standing.state} className="room-state">
        <Chip tone={tone} icon={icon}>
          {word}
        </Chip>
      </div>
      <Mending />
    </>
  );
}

function useWord(state: State): string {
  const { t } = useLingui();
  const words: Readonly<Record<State, string>> = {
    ready: t`Not joined`,
    joining: t`Joining`,
    live: t`In the room`,
    faltering: t`Quiet`,
    mending: t`Reconnecting`,
    waiting: t`Cut off`,
    replaced: t`Joined elsewhere`,
    refused: t`Not let in`,
    ended: t`Closed`,
    left: t`You left`,
  };
  return words[state];
}

/** States in which the call is being put right by itself. */
const MENDING: ReadonlySet<State> = new Set(["faltering", "mending", "waiting"]);

function Mending() {
  const { standing, heard_at } = useAttendance();
  const now = useNow();
  const title = useCause(standing.cause);
  if (!MENDING.has(standing.state)) return null;
  return (
    <div className="room-mending">
      <Notice tone={standing.is_silenced ? "cut" : "poor"} icon="turning" isUrgent title={title}>
        <p>
          {standing.is_silenced ? (
            <Trans>Nobody hears or sees you: your microphone and camera are not being sent.</Trans>
          ) : (
            <Trans>You may still be heard for a moment.</Trans>
          )}{" "}
          <Trans>The call comes back by itself.</Trans>
        </p>
        <Times now={now} heard_at={heard_at} retry_at={standing.retry_at} />
      </Notice>
    </div>
  );
}

/** Ticking figures stay out of what is read aloud, or the reader would never stop. */
function Times(props: {
  readonly now: number;
  readonly heard_at: number | null;
  readonly retry_at: number | null;
}) {
  const format = useFormat();
  const heard =
    props.heard_at === null
      ? null
      : format.age(Math.max(0, Math.floor((props.now - props.heard_at) / 1_000)));
  const seconds =
    props.retry_at === null ? null : Math.max(0, Math.ceil((props.retry_at - props.now) / 1_000));
  return (
    <p className="small soft room-times" aria-live="off">
      {heard !== null && <Trans>Your node was last heard {heard}.</Trans>}{" "}
      {seconds === null ? <Trans>Trying now.</Trans> : <Trans>Next try in {seconds} s.</Trans>}
    </p>
  );
}

function useCause(cause: Cause | null): string {
  const { t } = useLingui();
  switch (cause) {
    case "media":
      return t`Sound and picture do not get through to your node.`;
    case "socket":
      return t`Your node has hung up or restarted.`;
    case "silence":
      return t`Your node has not been heard for more than three seconds.`;
    case "sleep":
      return t`This device was asleep.`;
    case "attempt":
    case null:
      return t`Your node has not let you in yet.`;
  }
}
