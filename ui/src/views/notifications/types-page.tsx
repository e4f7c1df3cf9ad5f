import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { agreeToType, proposeType, readStarterTypes } from "../../api/papers";
import type { Json, JsonMap, NotificationType } from "../../api/paper-types";
import type { RecordSpace, SpaceId } from "../../api/record-types";
import { Button } from "../../components/button";
import { Choice } from "../../components/choice";
import { Chip } from "../../components/chip";
import { Empty } from "../../components/notice";
import { Question } from "../../components/question";
import { useFormat } from "../../i18n/format";
import { LANGUAGES } from "../../i18n/languages";
import { asText, labelOf, languagesOf, objectOf, textOf } from "../../state/papers/definition";
import { type Field, fieldsOf } from "../../state/papers/fields";
import { difference } from "../../state/record/difference";
import { otherMembers } from "../../state/record/timeline";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { useLinesOfRecord, usePartyName, useTypes } from "./use-papers";
import "../record/record.css";
import "./notifications.css";

/** What the parties of a line have agreed to notify each other of, and in which form. */
export function TypesPage() {
  const { t } = useLingui();
  const { self } = useDesk();
  const spaces = useLinesOfRecord();
  const [chosen, setChosen] = useState<SpaceId | null>(null);
  const types = useTypes();
  const line = spaces.find(({ id }) => id === chosen) ?? spaces[0];
  const ours = self?.party.id ?? null;
  const here = types.filter(({ space }) => space === line?.id);
  return (
    <main id="main" className="page">
      <header className="page-head">
        <h1>{t`Agreed types`}</h1>
        {line !== undefined && spaces.length > 1 && (
          <Choice
            label={t`With`}
            className="page-with"
            value={line.id}
            options={spaces.map((each) => ({ id: each.id, label: otherMembers(each, ours) }))}
            onChange={(id) => setChosen(id as SpaceId)}
          />
        )}
        {line !== undefined && spaces.length === 1 && <p>{otherMembers(line, ours)}</p>}
        <Link to="/notifications" className="button">
          <Trans>To the notifications</Trans>
        </Link>
      </header>
      {line === undefined ? (
        <div className="card">
          <Empty icon="aside" title={t`No record yet`} />
        </div>
      ) : (
        <>
          <Starters space={line} types={here} />
          {here.length === 0 && (
            <div className="card">
              <Empty icon="aside" title={t`Nothing has been proposed yet`} />
            </div>
          )}
          <ul className="paper-types">
            {here.map((type) => (
              <TypeCard key={type.hash} type={type} others={here} line={line} />
            ))}
          </ul>
        </>
      )}
    </main>
  );
}

/** The starter set: one press proposes a type as it stands; nobody is bound by it. */
function Starters(props: {
  readonly space: RecordSpace;
  readonly types: readonly NotificationType[];
}) {
  const { t } = useLingui();
  const { i18n } = useCatalogue();
  const { self } = useDesk();
  const read = useQuery({
    queryKey: ["starter-types"],
    queryFn: readStarterTypes,
    staleTime: Infinity,
  });
  const queries = useQueryClient();
  const [chosen, setChosen] = useState("");
  const propose = useBinding(
    async (starter: string) => proposeType(props.space.id, { starter }),
    () => void queries.invalidateQueries({ queryKey: ["notification-types"] }),
  );
  const known = new Set(props.types.map(({ id }) => id));
  const left = (read.data ?? []).filter(({ id }) => !known.has(id));
  const first = left.find(({ id }) => id === chosen) ?? left[0];
  if (!(self?.may.includes("agreement.propose") ?? false) || first === undefined) return null;
  return (
    <section className="card paper-begin" aria-labelledby="starter-title">
      <h2 id="starter-title" className="desk-title">
        <Trans>Types to begin with</Trans>
      </h2>
      <p className="soft">
        <Trans>A type counts once both parties have signed it. Proposing binds nobody.</Trans>
      </p>
      <div className="filters">
        <Choice
          label={t`Type`}
          value={first.id}
          options={left.map(({ id, definition }) => ({
            id,
            label: labelOf(objectOf(JSON.parse(definition) as Json), i18n.locale, ""),
          }))}
          onChange={setChosen}
        />
        <Button
          data-testid="propose-starter"
          isDisabled={propose.isPending}
          onPress={() => propose.run(first.id)}
        >
          {t`Propose`}
        </Button>
        <Button
          weight="quiet"
          data-testid="propose-all"
          isDisabled={propose.isPending}
          onPress={() => {
            for (const { id } of left) propose.run(id);
          }}
        >
          {t`Propose all of them`}
        </Button>
      </div>
      <Problem error={propose.error} />
      {propose.sheet}
    </section>
  );
}

function TypeCard(props: {
  readonly type: NotificationType;
  readonly others: readonly NotificationType[];
  readonly line: RecordSpace;
}) {
  const { t } = useLingui();
  const { i18n } = useCatalogue();
  const { self } = useDesk();
  const nameOf = usePartyName();
  const format = useFormat();
  const { type, others, line } = props;
  const ours = self?.party.id ?? "";
  const maySign = self?.may.includes("agreement.sign") ?? false;
  const version = format.number(type.version);
  const before = others.find(
    (each) => each.id === type.id && each.hash !== type.hash && each.version <= type.version,
  );
  return (
    <li className="card" data-testid={`type-${type.id}-${type.version}`}>
      <header className="card-head">
        <h2 className="desk-title">{labelOf(type.definition, i18n.locale, "")}</h2>
        <span className="soft">
          <bdi>{type.id}</bdi> · {t`Version ${version}`}
        </span>
        <Chip tone={type.is_usable ? "good" : "noted"} icon={type.is_usable ? "people" : "cold"}>
          {type.is_usable ? t`Agreed by both` : t`Not agreed by both`}
        </Chip>
      </header>
      <p className="paper-marks">
        {line.members.map(({ id }) => {
          const name = nameOf(id);
          const has = type.agreed_by.includes(id);
          return (
            <Chip key={id} tone={has ? "good" : "unknown"} icon={has ? "up" : "unknown"}>
              {has ? t`Signed: ${name}` : t`Not signed: ${name}`}
            </Chip>
          );
        })}
      </p>
      <Rules type={type} />
      <details>
        <summary>
          <Trans>The form, in the languages of both</Trans>
        </summary>
        <FormTable type={type} />
      </details>
      {before !== undefined && (
        <details>
          <summary>{t`What is different from the version before`}</summary>
          <Compared before={before} after={type} />
        </details>
      )}
      {maySign && !type.agreed_by.some((party) => party === ours) && <Sign type={type} />}
      <NewVersion type={type} />
    </li>
  );
}

function Rules({ type }: { readonly type: NotificationType }) {
  const { t } = useLingui();
  const { i18n } = useCatalogue();
  const format = useFormat();
  const { definition } = type;
  const lead = objectOf(definition["lead"]);
  const hours = format.number(Number(lead["hours"] ?? 0));
  const from = labelOf(definition, i18n.locale, textOf(lead["at"]));
  const answer = format.number(Number(definition["clarify_hours"] ?? 0));
  const period = objectOf(definition["period"]);
  const month = textOf(period["month"]).padStart(2, "0");
  const day = textOf(period["day"]).padStart(2, "0");
  const told = [
    ...(lead["relation"] === "before" ? [t`Received at least ${hours} h before: ${from}`] : []),
    ...(lead["relation"] === "after" ? [t`Received at most ${hours} h after: ${from}`] : []),
    t`Questions are answered within ${answer} h`,
    ...(period["month"] === undefined ? [] : [t`Due every year on ${day}.${month}.`]),
    definition["confidentiality"] === "public"
      ? t`Either party may publish it`
      : t`For the two parties alone`,
  ];
  return (
    <ul className="paper-rules">
      {told.map((each) => (
        <li key={each}>{each}</li>
      ))}
    </ul>
  );
}

/** Every field with its label in each language of the type: what a releaser reads before signing. */
function FormTable({ type }: { readonly type: NotificationType }) {
  const { t } = useLingui();
  const { definition } = type;
  const languages = languagesOf(definition);
  const all = everyField(fieldsOf(objectOf(definition["schema"]), itemsOf(definition)));
  return (
    // Wider than a phone: whoever has no mouse scrolls it with the arrow keys.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="scroll" tabIndex={0} role="region" aria-label={t`Fields`}>
      <table className="figures-table">
        <thead>
          <tr>
            <th scope="col">{t`Place`}</th>
            {languages.map((id) => (
              <th key={id} scope="col">
                {LANGUAGES.find((each) => each.id === id)?.name ?? id}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {all.map((field) => (
            <tr key={field.pointer}>
              <th scope="row">
                <code dir="ltr">{field.place}</code>
              </th>
              {languages.map((id) => (
                <td key={id} lang={id} dir="auto">
                  {labelOf(definition, id, field.place)}
                  {field.unit !== "" && ` (${field.unit})`}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** One item in every list, so that its fields are there to be read. */
function itemsOf(definition: JsonMap): Readonly<Record<string, string>> {
  const properties = objectOf(objectOf(definition["schema"])["properties"]);
  const lists = Object.entries(properties).filter(([, each]) => objectOf(each)["type"] === "array");
  return Object.fromEntries(lists.map(([name]) => [`/${name}`, "1"]));
}

function everyField(fields: readonly Field[]): readonly Field[] {
  return fields.flatMap((field) => [
    ...(field.place.endsWith("/*") ? [] : [field]),
    ...(field.kind === "quantity" ? [] : everyField(field.fields)),
  ]);
}

function Compared(props: { readonly before: NotificationType; readonly after: NotificationType }) {
  const runs = difference(asText(props.before.definition), asText(props.after.definition));
  const changed = runs.filter(({ where }) => where !== "both");
  if (changed.length === 0) {
    return (
      <p className="soft">
        <Trans>Both are the same, word for word.</Trans>
      </p>
    );
  }
  return (
    <pre className="paper-difference" dir="ltr">
      {runs.map(({ where, text }, index) => {
        const key = `${index} ${where}`;
        if (where === "both") return <span key={key}>{shortened(text)}</span>;
        return where === "before" ? <del key={key}>{text}</del> : <ins key={key}>{text}</ins>;
      })}
    </pre>
  );
}

/** Of what is the same, the lines beside what is not. */
function shortened(text: string): string {
  const lines = text.split("\n");
  return lines.length <= 8 ? text : [...lines.slice(0, 3), "…", ...lines.slice(-4)].join("\n");
}

function Sign({ type }: { readonly type: NotificationType }) {
  const { t } = useLingui();
  const { i18n } = useCatalogue();
  const [isAsking, setAsking] = useState(false);
  const queries = useQueryClient();
  const sign = useBinding(
    async () => agreeToType(type.space, type.hash),
    () => {
      setAsking(false);
      void queries.invalidateQueries({ queryKey: ["notification-types"] });
    },
  );
  const name = labelOf(type.definition, i18n.locale, "");
  return (
    <div>
      <Button
        weight="primary"
        data-testid={`sign-${type.id}-${type.version}`}
        onPress={() => setAsking(true)}
      >
        {t`Sign for our party`}
      </Button>
      {isAsking && (
        <Question
          title={t`Sign "${name}" for your party?`}
          no={t`Not now`}
          yes={t`Sign`}
          isPending={sign.isPending}
          onNo={() => setAsking(false)}
          onYes={() => sign.run(undefined)}
        >
          <p>
            <Trans>
              Your signature stands in the record of both sides for good. It cannot be taken back; a
              later version can replace this one.
            </Trans>
          </p>
          <Problem error={sign.error} />
        </Question>
      )}
      {sign.sheet}
    </div>
  );
}

/** A version of one's own: the definition as text, held against the rules by the node. */
function NewVersion({ type }: { readonly type: NotificationType }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const [text, setText] = useState<string | null>(null);
  const queries = useQueryClient();
  const propose = useBinding(
    async (definition: JsonMap) => proposeType(type.space, { definition }),
    () => {
      setText(null);
      void queries.invalidateQueries({ queryKey: ["notification-types"] });
    },
  );
  if (!(self?.may.includes("agreement.propose") ?? false)) return null;
  if (text === null) {
    const next = { ...type.definition, version: type.version + 1 };
    return (
      <div>
        <Button
          weight="quiet"
          icon="settings"
          data-testid={`change-${type.id}-${type.version}`}
          onPress={() => setText(JSON.stringify(next, null, 2))}
        >
          {t`Propose another version`}
        </Button>
      </div>
    );
  }
  const definition = readDefinition(text);
  return (
    <div className="field">
      <label className="field-label" htmlFor={`text-${type.hash}`}>
        <Trans>Definition of the next version (JSON)</Trans>
      </label>
      <textarea
        id={`text-${type.hash}`}
        dir="ltr"
        rows={16}
        spellCheck={false}
        className="paper-code"
        data-testid="definition"
        value={text}
        onChange={(typed) => setText(typed.target.value)}
      />
      {definition === null && (
        <p className="fault">
          <Trans>This is no JSON.</Trans>
        </p>
      )}
      <Problem error={propose.error} />
      <div className="sheet-acts">
        <Button onPress={() => setText(null)}>{t`Not now`}</Button>
        <Button
          weight="primary"
          isDisabled={definition === null || propose.isPending}
          onPress={() => {
            if (definition !== null) propose.run(definition);
          }}
        >
          {t`Propose`}
        </Button>
      </div>
      {propose.sheet}
    </div>
  );
}

function readDefinition(text: string): JsonMap | null {
  try {
    const read = JSON.parse(text) as Json;
    return typeof read === "object" && read !== null && !Array.isArray(read)
      ? (read as JsonMap)
      : null;
  } catch {
    return null;
  }
}
