import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { type Ref } from "react";

import type { Entry, RecordSpace } from "../../api/record-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Icon } from "../../components/icon";
import { entryKey, wordsOf } from "../../state/record/timeline";
import { useCapacityWords } from "../capacity";
import { setAsideWords } from "../words";
import { BothTimes } from "./both-times";
import { Receipts } from "./receipts";
import { KIND_WORDS, PRECEDENCE_WORDS } from "./words";

/** One entry in the timeline: whose it is, what it is, when, and what is proved of it. */
export function EntryItem(props: {
  readonly entry: Entry;
  readonly space: RecordSpace;
  readonly isOurs: boolean;
  readonly isCurrent: boolean;
  readonly place: Ref<HTMLLIElement>;
  readonly onOpen: () => void;
  readonly onThread: () => void;
}) {
  const { t } = useLingui();
  const { entry, isOurs, isCurrent, place, onOpen, onThread } = props;
  const words = wordsOf(entry);
  const others = props.space.members.map((party) => party.id);
  const title = `entry-${entry.log}-${entry.index}`.replaceAll("/", "-");
  return (
    <li
      ref={place}
      className={isOurs ? "entry entry-ours" : "entry entry-theirs"}
      aria-labelledby={title}
      data-testid="entry"
      // One stop for the whole list; the arrow keys go from entry to entry.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={isCurrent ? 0 : -1}
      data-key={entryKey(entry)}
    >
      <header className="entry-head">
        <span className="entry-side">
          <Icon name={isOurs ? "node" : "line"} />
          {isOurs ? <Trans>Ours</Trans> : <Trans>Theirs</Trans>}
        </span>
        <h4 id={title}>
          <KindWord entry={entry} /> <span className="soft">· {entry.party.name}</span>
        </h4>
        {entry.written_at !== null && <BothTimes at={entry.written_at} parties={others} isShort />}
      </header>
      <Marks entry={entry} />
      {words !== null && (
        <p className="entry-words" dir="auto">
          {words}
        </p>
      )}
      {entry.kind_name === "freeze" && <FrozenAt size={Number(entry.body?.["size"])} />}
      <footer className="entry-foot">
        <Receipts entry={entry} isSkipped={!isCurrent} />
        <span className="entry-acts">
          {entry.thread !== null && (
            <Button weight="quiet" icon="line" excludeFromTabOrder={!isCurrent} onPress={onThread}>
              {t`Thread`}
            </Button>
          )}
          <Button
            weight="quiet"
            icon="next"
            data-testid="entry-open"
            excludeFromTabOrder={!isCurrent}
            onPress={onOpen}
          >
            {t`Details and proof`}
          </Button>
        </span>
      </footer>
    </li>
  );
}

function FrozenAt({ size }: { readonly size: number }) {
  return (
    <p className="entry-words">
      <Trans>
        The root of a party does not believe the key of its log any more. The log counts up to entry{" "}
        {size} and no further.
      </Trans>
    </p>
  );
}

/** The kind in words, or its number where this page knows none. */
export function KindWord({ entry }: { readonly entry: Pick<Entry, "kind" | "kind_name"> }) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const words = KIND_WORDS[entry.kind_name];
  const { kind } = entry;
  if (kind === null) return t`No entry`;
  return words === undefined ? t`Kind ${kind}` : _(words);
}

function Marks({ entry }: { readonly entry: Entry }) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const precedence = entry.precedence === null ? undefined : PRECEDENCE_WORDS[entry.precedence];
  const capacity = useCapacityWords();
  const { set_aside, actor, office } = entry;
  const reason = set_aside === null ? "" : _(setAsideWords(set_aside));
  if (precedence === undefined && set_aside === null && actor === null && office === null) {
    return null;
  }
  return (
    <p className="entry-marks">
      {precedence !== undefined && entry.precedence !== "routine" && (
        <Chip tone="fair">{_(precedence)}</Chip>
      )}
      {set_aside !== null && (
        <Chip tone="poor" icon="aside">
          {t`Set aside, without effect: ${reason}`}
        </Chip>
      )}
      {actor !== null && (
        <span className="small soft">
          <Icon name="person" /> <Trans>Person</Trans> <code>{actor.slice(0, 8)}</code>
        </span>
      )}
      {office !== null && (
        <span className="small soft" data-testid="office">
          {capacity(office)}
        </span>
      )}
    </p>
  );
}
