import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { beginDraft } from "../../api/papers";
import type { NotificationType } from "../../api/paper-types";
import type { SpaceId } from "../../api/record-types";
import { Button } from "../../components/button";
import { Choice, Toggle } from "../../components/choice";
import { labelOf } from "../../state/papers/definition";
import { otherMembers } from "../../state/record/timeline";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { useLinesOfRecord } from "./use-papers";

/** Begins a notification: to whom, of which agreed type. */
export function Begin({ types }: { readonly types: readonly NotificationType[] }) {
  const { t } = useLingui();
  const { i18n } = useCatalogue();
  const { self } = useDesk();
  const spaces = useLinesOfRecord();
  const [space, setSpace] = useState<SpaceId | null>(null);
  const [chosen, setChosen] = useState("");
  const [isExercise, setExercise] = useState(false);
  const navigate = useNavigate();
  const line = spaces.find(({ id }) => id === space) ?? spaces[0];
  const usable = types.filter((each) => each.is_usable && each.space === line?.id);
  const type = usable.find(({ hash }) => hash === chosen) ?? usable[0];
  const begin = useMutation({
    mutationFn: async () => {
      if (line === undefined || type === undefined) return null;
      const about = { space: line.id, type_hash: type.hash, form: {} };
      return beginDraft({ ...about, is_exercise: isExercise });
    },
    onSuccess: async (draft) => {
      if (draft !== null)
        await navigate({ to: "/notifications/drafts/$id", params: { id: draft.id } });
    },
  });
  return (
    <section className="card paper-begin" aria-labelledby="begin-title">
      <h2 id="begin-title" className="desk-title">
        <Trans>New notification</Trans>
      </h2>
      {spaces.length > 1 && line !== undefined && (
        <Choice
          label={t`To`}
          value={line.id}
          options={spaces.map((each) => ({
            id: each.id,
            label: otherMembers(each, self?.party.id ?? null),
          }))}
          onChange={(id) => setSpace(id as SpaceId)}
        />
      )}
      {type === undefined ? (
        <p className="soft">
          <Trans>No type has been agreed by both parties of this line yet.</Trans>
        </p>
      ) : (
        <>
          <Choice
            label={t`Type`}
            value={type.hash}
            options={usable.map((each) => ({
              id: each.hash,
              label: `${labelOf(each.definition, i18n.locale, "")} · ${each.version}`,
            }))}
            onChange={setChosen}
          />
          <Toggle isOn={isExercise} onChange={setExercise}>
            <Trans>This is an exercise</Trans>
          </Toggle>
          {isExercise && (
            <p className="soft small">
              <Trans>It gets a number of the exercises and uses up none of the real ones.</Trans>
            </p>
          )}
          <Problem error={begin.error} />
          <div>
            <Button
              weight="primary"
              icon="open"
              data-testid="begin-draft"
              isDisabled={begin.isPending}
              onPress={() => begin.mutate()}
            >
              {t`Fill in the form`}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
