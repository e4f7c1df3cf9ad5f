import { Link } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";

import type { AlertDraft } from "../../api/alert-types";
import { Chip } from "../../components/chip";
import { ExerciseMark } from "../../components/exercise-mark";
import { useDesk } from "../desk/context";
import { useDrafts } from "./live";
import { PrecedenceMark, Words } from "./marks";

/** What is being written, and whom it waits for. */
export function DraftList() {
  const drafts = useDrafts().data ?? [];
  if (drafts.length === 0) return null;
  return (
    <section className="watch-heap" aria-labelledby="drafts-title">
      <h2 id="drafts-title" className="desk-title">
        <Trans>Drafts</Trans>
      </h2>
      <ul className="alert-list">
        {drafts.map((draft) => (
          <DraftItem key={draft.id} draft={draft} />
        ))}
      </ul>
    </section>
  );
}

function DraftItem({ draft }: { readonly draft: AlertDraft }) {
  const names = usePartyNames(draft.recipients);
  const [text] = draft.texts;
  const drafter = draft.drafter_name ?? "?";
  return (
    <li className="card alert-item draft-item" data-testid={`draft-${draft.id}`}>
      {draft.is_exercise && <ExerciseMark />}
      <h3 className="alert-head">
        <PrecedenceMark precedence={draft.precedence} />
        <Link
          to="/watch/drafts/$draft"
          params={{ draft: draft.id }}
          className="alert-party"
          data-watch-item=""
        >
          <Trans>To {names}</Trans>
        </Link>
        <DraftState draft={draft} />
      </h3>
      <p className="soft small">
        <Trans>Drafted by {drafter}</Trans>
      </p>
      {text !== undefined && <Words text={text} isShort />}
    </li>
  );
}

/** Where a draft stands. */
export function DraftState({ draft }: { readonly draft: AlertDraft }) {
  const { t } = useLingui();
  const gone = draft.released_to.length;
  const all = draft.recipients.length;
  if (gone > 0) return <Chip tone="noted">{t`Released to ${gone} of ${all}`}</Chip>;
  if (draft.state === "verified") return <Chip tone="good">{t`Verified; to be released`}</Chip>;
  if (draft.precedence === "flash")
    return <Chip tone="fair">{t`To be verified by a second person`}</Chip>;
  return <Chip tone="coming">{t`Not verified`}</Chip>;
}

/** Names of parties as one phrase. */
export function usePartyNames(ids: readonly string[]): string {
  const { lines } = useDesk();
  return ids.map((id) => lines?.find((line) => line.party.id === id)?.party.name ?? id).join(", ");
}
