import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import { CheckboxGroup, FileTrigger, Label } from "react-aria-components";

import { ALERT_LEVELS, type AlertText, type DraftWords, PRECEDENCES } from "../../api/alert-types";
import type { PartyId } from "../../api/types";
import { Button } from "../../components/button";
import { CheckBox, Choice, Toggle } from "../../components/choice";
import { Notice } from "../../components/notice";
import { LANGUAGES } from "../../i18n/languages";
import { spelled } from "../../state/watch/alerts";
import { limitsOf } from "../../state/watch/text";
import { useDesk } from "../desk/context";
import { TextArea } from "./text-area";
import { ALERT_LEVEL_WORDS, PRECEDENCE_MEANINGS, PRECEDENCE_WORDS, STANDS_WORDS } from "./words";

interface Props {
  readonly words: DraftWords;
  readonly onChange: (words: DraftWords) => void;
}

/** Languages of one alert: the author's own, and what it is put into before it goes. */
const TEXTS_MAX = 4;

/** Everything that an alert says and is released with. */
export function DraftFields({ words, onChange }: Props) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const put = (change: Partial<DraftWords>) => onChange({ ...words, ...change });
  return (
    <>
      <div className="draft-row">
        <Recipients words={words} onChange={onChange} />
        <div className="field">
          <Choice
            label={t`Precedence: by when it is to be read`}
            value={words.precedence}
            options={PRECEDENCES.map((id) => ({ id, label: _(PRECEDENCE_WORDS[id]) }))}
            onChange={(id) =>
              put({ precedence: PRECEDENCES.find((each) => each === id) ?? words.precedence })
            }
          />
          <p className="soft small">{_(PRECEDENCE_MEANINGS[words.precedence])}</p>
        </div>
      </div>
      <div className="draft-exercise">
        <Toggle isOn={words.is_exercise} onChange={(is_exercise) => put({ is_exercise })}>
          <Trans>This is an exercise</Trans>
        </Toggle>
        {words.is_exercise && (
          <Toggle
            isOn={words.reaches_principals}
            onChange={(reaches_principals) => put({ reaches_principals })}
          >
            <Trans>It is to reach principals, who asked for it</Trans>
          </Toggle>
        )}
      </div>
      <Texts words={words} onChange={onChange} />
      <div className="draft-row">
        <Choice
          label={t`For the level`}
          value={words.level ?? ""}
          options={[
            { id: "", label: t`not named` },
            ...ALERT_LEVELS.map((id) => ({ id, label: _(ALERT_LEVEL_WORDS[id]) })),
          ]}
          onChange={(id) => put({ level: id === "" ? null : id })}
        />
        <Choice
          label={t`Stands for`}
          value={String(words.stands_s ?? "")}
          options={Object.entries(STANDS_WORDS).map(([id, label]) => ({ id, label: _(label) }))}
          onChange={(id) => put({ stands_s: id === "" ? null : Number(id) })}
        />
      </div>
      <Toggle isOn={words.is_quotable} onChange={(is_quotable) => put({ is_quotable })}>
        <Trans>May be quoted in public</Trans>
      </Toggle>
      <Attachment words={words} onChange={onChange} />
    </>
  );
}

function Recipients({ words, onChange }: Props) {
  const { lines } = useDesk();
  const choosable = (lines ?? []).filter((line) => line.state !== "unconfirmed");
  return (
    <CheckboxGroup
      className="field"
      value={[...words.recipients]}
      onChange={(ids) => onChange({ ...words, recipients: ids as PartyId[] })}
    >
      <Label className="field-label">
        <Trans>To</Trans>
      </Label>
      {choosable.map((line) => (
        <CheckBox key={line.party.id} value={line.party.id}>
          {line.party.name}
          {line.state === "cut" && (
            <span className="soft small">
              {" · "}
              <Trans>cut now; it goes first when the line is back</Trans>
            </span>
          )}
        </CheckBox>
      ))}
      {words.recipients.length > 1 && (
        <p className="soft small">
          <Trans>
            Each gets the same bytes and can compare their fingerprint with the others. The releaser
            signs once for each.
          </Trans>
        </p>
      )}
    </CheckboxGroup>
  );
}

/** Own language and translation side by side. */
function Texts({ words, onChange }: Props) {
  const { t } = useLingui();
  const put = (index: number, change: Partial<AlertText>) =>
    onChange({
      ...words,
      texts: words.texts.map((each, at) => (at === index ? { ...each, ...change } : each)),
    });
  const free = LANGUAGES.find(({ id }) => words.texts.every((each) => each.language !== id));
  return (
    <>
      <div className="alert-texts">
        {words.texts.map((text, index) => (
          // Texts have no name but their place.
          // oxlint-disable-next-line react/no-array-index-key
          <div key={index} className="draft-text">
            <Choice
              label={index === 0 ? t`Language as it is written` : t`Language of the translation`}
              value={text.language}
              options={options(text.language)}
              onChange={(language) => put(index, { language })}
            />
            <TextArea
              label={index === 0 ? t`Text` : t`Translation`}
              language={text.language}
              value={text.text}
              limits={limitsOf(words.precedence)}
              onChange={(said) => put(index, { text: said })}
              isOptional={index > 0}
            />
            {index > 0 && (
              <Button
                weight="quiet"
                icon="close"
                onPress={() =>
                  onChange({ ...words, texts: words.texts.filter((_, at) => at !== index) })
                }
              >
                {t`Leave out this translation`}
              </Button>
            )}
          </div>
        ))}
      </div>
      {words.texts.length < TEXTS_MAX && free !== undefined && (
        <p>
          <Button
            icon="language"
            data-testid="add-translation"
            onPress={() =>
              onChange({ ...words, texts: [...words.texts, { language: free.id, text: "" }] })
            }
          >
            {t`Add a translation beside it`}
          </Button>
        </p>
      )}
    </>
  );
}

/** The six languages of the interface, and whatever else the party's card names. */
function options(current: string) {
  const known = LANGUAGES.map(({ id, name, tag }) => ({
    id: id as string,
    label: name,
    lang: tag,
  }));
  const isKnown = known.some((each) => each.id === current);
  return isKnown ? known : [{ id: current, label: current, lang: current }, ...known];
}

/** The fingerprint of one file goes with it; the file itself does not. */
function Attachment({ words, onChange }: Props) {
  const { t } = useLingui();
  const taken = useMutation({
    mutationFn: async (file: File) => ({ attachment: await digest(file), name: file.name }),
    onSuccess: ({ attachment }) => onChange({ ...words, attachment }),
  });
  const isTaken = words.attachment !== null && taken.data?.attachment === words.attachment;
  return (
    <div className="field" role="group" aria-labelledby="attachment-title">
      <span className="field-label" id="attachment-title">
        <Trans>Attachment: its fingerprint goes along, the file does not</Trans>
      </span>
      <p className="draft-attachment">
        <FileTrigger
          onSelect={(chosen) => {
            const file = chosen?.[0];
            if (file !== undefined) taken.mutate(file);
          }}
        >
          <Button icon="open" data-testid="attachment" isDisabled={taken.isPending}>
            {t`Choose a file`}
          </Button>
        </FileTrigger>
        {words.attachment !== null && (
          <>
            {isTaken && <bdi>{taken.data?.name}</bdi>}
            <code className="hash">{spelled(words.attachment)}</code>
            <Button
              weight="quiet"
              icon="close"
              onPress={() => onChange({ ...words, attachment: null })}
            >
              {t`Without attachment`}
            </Button>
          </>
        )}
      </p>
      {taken.isError && (
        <Notice tone="fair" icon="warning" title={t`This file cannot be read`} isUrgent>
          {t`It was moved or removed, or it is too large for this browser. Choose it again.`}
        </Notice>
      )}
    </div>
  );
}

async function digest(file: File): Promise<string> {
  const made = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(made), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
