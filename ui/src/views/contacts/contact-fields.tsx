import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { CheckboxGroup, Input, Label, TextArea, TextField } from "react-aria-components";

import {
  type ContactText,
  WAY_KINDS,
  type Way,
  type WrittenContact,
} from "../../api/contact-types";
import { Button } from "../../components/button";
import { CheckBox, Choice } from "../../components/choice";
import { languageName, LANGUAGES } from "../../i18n/languages";
import {
  changed,
  DUTY_MAX,
  TEXTS_MAX,
  TITLE_MAX,
  WAY_MAX,
  WAYS_MAX,
  without,
} from "../../state/contacts/contacts";
import { ALERT_LEVEL_WORDS } from "../watch/words";
import { HoursFields } from "./hours-fields";
import { WAY_WORDS } from "./words";

interface Props {
  readonly contact: WrittenContact;
  readonly levels: readonly string[];
  readonly zone: string;
  readonly onChange: (contact: WrittenContact) => void;
}

/** Everything that is written of one contact. */
export function ContactFields({ contact, levels, zone, onChange }: Props) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const put = (change: Partial<WrittenContact>) => onChange({ ...contact, ...change });
  const known = Object.entries(ALERT_LEVEL_WORDS);
  return (
    <>
      <Texts
        label={t`Title of the post`}
        texts={contact.title}
        most={TITLE_MAX}
        onChange={(title) => put({ title })}
      />
      <Texts
        label={t`What they turn to it for`}
        texts={contact.duty}
        most={DUTY_MAX}
        isLong
        onChange={(duty) => put({ duty })}
      />
      <Choice
        label={t`Level`}
        value={contact.level}
        options={levels.map((id) => {
          const words = known.find(([name]) => name === id)?.[1];
          return { id, label: words === undefined ? id : _(words) };
        })}
        onChange={(level) => put({ level })}
      />
      <Languages contact={contact} onChange={(languages) => put({ languages })} />
      <Ways ways={contact.ways} onChange={(ways) => put({ ways })} />
      <HoursFields hours={contact.hours} zone={zone} onChange={(hours) => put({ hours })} />
    </>
  );
}

/** One text in up to four languages. */
function Texts(props: {
  readonly label: string;
  readonly texts: readonly ContactText[];
  readonly most: number;
  readonly isLong?: boolean;
  readonly onChange: (texts: readonly ContactText[]) => void;
}) {
  const { t } = useLingui();
  const { texts, onChange } = props;
  const free = LANGUAGES.filter(({ id }) => texts.every(({ language }) => language !== id));
  const first = free[0];
  return (
    <div className="contact-texts">
      {texts.map((each, at) => {
        const language = languageName(each.language);
        return (
          // A text may be put into another language as it is typed; its place is its name.
          // oxlint-disable-next-line react/no-array-index-key
          <div key={at} className="contact-text">
            <Choice
              label={t`Language`}
              className="contact-kind"
              value={each.language}
              options={[each.language, ...free.map(({ id }) => id)].map((id) => ({
                id,
                label: languageName(id),
                lang: id,
              }))}
              onChange={(id) => onChange(changed(texts, at, { ...each, language: id }))}
            />
            <TextField
              className="field contact-words"
              value={each.text}
              onChange={(text) => onChange(changed(texts, at, { ...each, text }))}
              maxLength={props.most}
            >
              <Label className="field-label">
                {props.label} (<bdi>{language}</bdi>)
              </Label>
              {props.isLong === true ? (
                <TextArea dir="auto" lang={each.language} rows={2} />
              ) : (
                <Input dir="auto" lang={each.language} />
              )}
            </TextField>
            {at > 0 && (
              <Button
                weight="quiet"
                icon="close"
                isIconOnly
                onPress={() => onChange(without(texts, at))}
              >{t`Leave out this language`}</Button>
            )}
          </div>
        );
      })}
      {first !== undefined && texts.length < TEXTS_MAX && (
        <Button
          weight="quiet"
          icon="language"
          onPress={() => onChange([...texts, { language: first.id, text: "" }])}
        >{t`In another language too`}</Button>
      )}
    </div>
  );
}

/** Those of the interface, and whatever else the list has had. */
function Languages(props: {
  readonly contact: WrittenContact;
  readonly onChange: (languages: readonly string[]) => void;
}) {
  const { contact, onChange } = props;
  const ids = LANGUAGES.map(({ id }) => id as string);
  const all = [...ids, ...contact.languages.filter((each) => !ids.includes(each))];
  return (
    <CheckboxGroup
      className="field contact-choices"
      value={[...contact.languages]}
      onChange={(languages) => onChange(languages)}
    >
      <Label className="field-label">
        <Trans>Languages spoken there</Trans>
      </Label>
      <span className="contact-boxes">
        {all.map((id) => (
          <CheckBox key={id} value={id}>
            <bdi>{languageName(id)}</bdi>
          </CheckBox>
        ))}
      </span>
    </CheckboxGroup>
  );
}

function Ways(props: {
  readonly ways: readonly Way[];
  readonly onChange: (ways: readonly Way[]) => void;
}) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { ways, onChange } = props;
  return (
    <fieldset className="contact-part">
      <legend className="field-label">
        <Trans>Ways to reach it, the first to be tried first</Trans>
      </legend>
      {ways.map((way, at) => (
        // A way is changed as it is typed; its place is its name.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={at} className="contact-text">
          <Choice
            label={t`Way`}
            className="contact-kind"
            value={way.kind}
            options={WAY_KINDS.map((id) => ({ id, label: _(WAY_WORDS[id]) }))}
            onChange={(id) => {
              const kind = WAY_KINDS.find((each) => each === id) ?? way.kind;
              onChange(changed(ways, at, { ...way, kind }));
            }}
          />
          <TextField
            className="field contact-words"
            value={way.text}
            onChange={(text) => onChange(changed(ways, at, { ...way, text }))}
            maxLength={WAY_MAX}
          >
            <Label className="field-label">{_(WAY_WORDS[way.kind])}</Label>
            <Input
              dir={way.kind === "other" ? "auto" : "ltr"}
              autoComplete="off"
              data-testid="way-text"
            />
          </TextField>
          {ways.length > 1 && (
            <Button
              weight="quiet"
              icon="close"
              isIconOnly
              onPress={() => onChange(without(ways, at))}
            >{t`Leave out this way`}</Button>
          )}
        </div>
      ))}
      {ways.length < WAYS_MAX && (
        <Button
          weight="quiet"
          onPress={() => onChange([...ways, { kind: "telephone", text: "" }])}
        >{t`Another way to reach it`}</Button>
      )}
    </fieldset>
  );
}
