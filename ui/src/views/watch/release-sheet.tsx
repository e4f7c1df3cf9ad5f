import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { releaseDraft } from "../../api/alerts";
import type { AlertDraft } from "../../api/alert-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { ExerciseMark } from "../../components/exercise-mark";
import { Sheet } from "../../components/sheet";
import { spelled } from "../../state/watch/alerts";
import { useDesk } from "../desk/context";
import { AlertProblem } from "./alert-problem";
import { PrecedenceMark, Words } from "./marks";

/** The releaser sees it once more, then signs it, once for each party. */
export function ReleaseSheet(props: { readonly draft: AlertDraft; readonly onClose: () => void }) {
  const { draft, onClose } = props;
  const { t } = useLingui();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [gone, setGone] = useState<readonly string[]>(draft.released_to);
  const [signing, setSigning] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const left = draft.recipients.filter((each) => !gone.includes(each));
  const releaseAll = async () => {
    setError(null);
    try {
      for (const party of left) {
        setSigning(party);
        // Each party has a log of its own: one signature after the other.
        // oxlint-disable-next-line no-await-in-loop
        await releaseDraft(draft.id, party);
        setGone((known) => [...known, party]);
      }
      await queries.invalidateQueries({ queryKey: ["alerts"] });
      await navigate({ to: "/watch" });
    } catch (caught) {
      setError(caught instanceof Error ? caught : new Error(String(caught)));
    } finally {
      setSigning(null);
    }
  };
  const [text] = draft.texts;
  const number = left.length;
  return (
    <Sheet title={t`Release the alert?`} isOpen onClose={onClose} isQuestion>
      {draft.is_exercise && <ExerciseMark />}
      <p className="alert-head">
        <PrecedenceMark precedence={draft.precedence} />
      </p>
      {text !== undefined && <Words text={text} />}
      <ul className="strip" aria-label={t`Signed for`} aria-live="polite">
        {draft.recipients.map((party) => (
          <li key={party} className="strip-line" data-testid={`release-${party}`}>
            <PartyName id={party} />
            <Progress isGone={gone.includes(party)} isSigning={signing === party} />
          </li>
        ))}
      </ul>
      <p className="small">
        <Trans>Fingerprint of the text</Trans>{" "}
        <code className="hash">{spelled(draft.body_hash)}</code>
      </p>
      <p>
        <Trans>
          It cannot be called back: a withdrawal is another entry, and both remain. Your passkey
          signs exactly these bytes.
        </Trans>
      </p>
      <AlertProblem error={error} />
      <div className="sheet-acts">
        <Button onPress={onClose} isDisabled={signing !== null}>{t`Not now`}</Button>
        <Button
          weight="primary"
          icon="next"
          autoFocus
          data-testid="sign-release"
          isDisabled={signing !== null || number === 0}
          onPress={() => void releaseAll()}
        >
          {number > 1 ? t`Release with ${number} signatures` : t`Release with the passkey`}
        </Button>
      </div>
    </Sheet>
  );
}

function PartyName({ id }: { readonly id: string }) {
  const { lines } = useDesk();
  const name = lines?.find((line) => line.party.id === id)?.party.name ?? id;
  return <span className="strip-name">{name}</span>;
}

function Progress(props: { readonly isGone: boolean; readonly isSigning: boolean }) {
  const { t } = useLingui();
  if (props.isGone) return <Chip tone="good">{t`Released`}</Chip>;
  if (props.isSigning) return <Chip tone="noted" icon="turning">{t`Being signed`}</Chip>;
  return <Chip tone="coming">{t`Not yet`}</Chip>;
}
