import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Form, Label, TextArea, TextField } from "react-aria-components";

import { proposeAgreement, readAgreement, signAgreement } from "../../api/record";
import type { AgreementVersion } from "../../api/record-types";
import { proposeTerms, readTerms } from "../../api/terms";
import type { LineTerms, TermsVersion } from "../../api/terms-types";
import type { PartyId } from "../../api/types";
import { Button } from "../../components/button";
import { Choice, Toggle } from "../../components/choice";
import { Chip, type Tone } from "../../components/chip";
import { Empty } from "../../components/notice";
import { Question } from "../../components/question";
import { useFormat } from "../../i18n/format";
import { changedTerms, termFaults, termsDraft, termsOf } from "../../state/agreement/terms";
import { difference } from "../../state/record/difference";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { useBinding } from "../step-up";
import { ProposedTerms, TermsChip, TermsInForce } from "./terms";
import { TermsForm } from "./terms-form";
import "../record/record.css";
import "./agreement.css";

/** As the node takes it. */
const CHARACTERS_MAX = 20_000;
/** Signatures of the other side come by the record, at any time. */
const ASK_EVERY_MS = 5_000;

/** What two parties agree about their line: every version, who signed which, and the difference. */
export function AgreementPage({ party }: { readonly party: PartyId }) {
  const { t } = useLingui();
  const { lines } = useDesk();
  const name = lines?.find((line) => line.party.id === party)?.party.name ?? "";
  const read = useQuery({
    queryKey: ["agreement", party],
    queryFn: async () => readAgreement(party),
    refetchInterval: ASK_EVERY_MS,
  });
  const asked = useQuery({
    queryKey: ["terms", party],
    queryFn: async () => readTerms(party),
    refetchInterval: ASK_EVERY_MS,
  });
  const terms = asked.data;
  const versions = read.data?.toSorted((one, other) => other.number - one.number) ?? [];
  return (
    <main id="main" className="page">
      <header className="page-head">
        <h1>{t`Agreement about the line`}</h1>
        <p>{name}</p>
        <Link to="/" className="button">
          <Trans>Back to the desk</Trans>
        </Link>
      </header>
      {read.isPending && (
        <Empty icon="aside" title={t`Asking your node for the agreement`} isWaiting />
      )}
      <Problem error={read.error ?? asked.error} />
      {terms !== undefined && <TermsInForce terms={terms.in_force} />}
      {read.isSuccess && versions.length === 0 && (
        <Empty icon="aside" title={t`Nothing has been proposed yet`} />
      )}
      {versions.length > 1 && <Compared versions={versions} />}
      <ul className="versions">
        {versions.map((version) => (
          <Version
            key={version.number}
            version={version}
            party={party}
            name={name}
            terms={terms?.versions.find(({ hash }) => hash === version.hash) ?? null}
            agreed={terms?.in_force ?? null}
          />
        ))}
      </ul>
      {read.isSuccess && terms !== undefined && (
        <Propose party={party} newest={versions[0]?.body ?? ""} agreed={terms.in_force} />
      )}
    </main>
  );
}

function Version(props: {
  readonly version: AgreementVersion;
  readonly party: PartyId;
  readonly name: string;
  /** Its terms; none in a version of words alone. */
  readonly terms: TermsVersion | null;
  readonly agreed: LineTerms | null;
}) {
  const { t } = useLingui();
  const { self } = useDesk();
  const { version, party, name, terms, agreed } = props;
  const number = useFormat().number(version.number);
  const maySign = self?.may.includes("agreement.sign") ?? false;
  return (
    <li
      className="card version"
      data-testid={`version-${version.number}`}
      data-state={version.state}
    >
      <header className="card-head">
        <h2 className="desk-title">{t`Version ${number}`}</h2>
        <State version={version} />
        {terms !== null && <TermsChip count={terms.changes.length} />}
      </header>
      <p className="version-body" dir="auto">
        {version.body}
      </p>
      {terms !== null && agreed !== null && <ProposedTerms terms={terms.terms} before={agreed} />}
      <dl className="pairs">
        <dt>
          <Trans>Signed by us</Trans>
        </dt>
        <dd>
          <Signed at={version.ours_signed_at} party={party} />
        </dd>
        <dt>{t`Signed by ${name}`}</dt>
        <dd>
          <Signed at={version.theirs_signed_at} party={party} />
        </dd>
      </dl>
      {version.state === "overtaken" && (
        <p className="soft">
          <Trans>
            Other terms are in force that follow these, so these hold no more, whoever signs them.
            To have them again, propose them anew.
          </Trans>
        </p>
      )}
      {maySign && version.ours_signed_at === null && version.state !== "overtaken" && (
        <Sign version={version} party={party} />
      )}
    </li>
  );
}

function State({ version }: { readonly version: AgreementVersion }) {
  const { t } = useLingui();
  const words: readonly [boolean, Tone, string][] = [
    [version.state === "overtaken", "unknown", t`Replaced`],
    [version.state === "agreed", "good", t`Agreed by both`],
    [version.ours_signed_at !== null, "noted", t`They have not signed`],
    [version.theirs_signed_at !== null, "noted", t`We have not signed`],
    [true, "unknown", t`Proposed, signed by nobody`],
  ];
  const [, tone, word] = words.find(([is]) => is) ?? [true, "unknown", ""];
  return (
    <Chip tone={tone} icon={tone === "good" ? "people" : "cold"}>
      {word}
    </Chip>
  );
}

function Signed(props: { readonly at: string | null; readonly party: PartyId }) {
  if (props.at === null) {
    return (
      <span className="soft">
        <Trans>not yet</Trans>
      </span>
    );
  }
  return <BothTimes at={props.at} parties={[props.party]} />;
}

function Sign({ version, party }: { readonly version: AgreementVersion; readonly party: PartyId }) {
  const { t } = useLingui();
  const [isAsking, setAsking] = useState(false);
  const queries = useQueryClient();
  const sign = useBinding(
    async (hash: string) => signAgreement(party, hash),
    () => {
      setAsking(false);
      void queries.invalidateQueries({ queryKey: ["agreement", party] });
    },
  );
  const { hash } = version;
  const number = useFormat().number(version.number);
  return (
    <>
      <Button
        weight="primary"
        data-testid={`sign-${version.number}`}
        onPress={() => setAsking(true)}
      >
        {t`Sign version ${number}`}
      </Button>
      {isAsking && (
        <Question
          title={t`Sign version ${number} for your party?`}
          no={t`Not now`}
          yes={t`Sign`}
          isPending={sign.isPending}
          onNo={() => setAsking(false)}
          onYes={() => sign.run(hash)}
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
    </>
  );
}

function Compared({ versions }: { readonly versions: readonly AgreementVersion[] }) {
  const { t } = useLingui();
  const [newest, last] = versions;
  // What is proposed is read against what both have agreed to.
  const before =
    versions.find(({ state, number }) => state === "agreed" && number !== newest?.number) ?? last;
  const [one, setOne] = useState(before?.number ?? 0);
  const [two, setTwo] = useState(newest?.number ?? 0);
  const bodyOf = (number: number) => versions.find((each) => each.number === number)?.body ?? "";
  const runs = difference(bodyOf(one), bodyOf(two));
  const format = useFormat();
  const options = versions.map((version) => {
    const number = format.number(version.number);
    return { id: String(version.number), label: t`Version ${number}` };
  });
  const isSame = runs.every((run) => run.where === "both");
  return (
    <section className="card compared" aria-labelledby="compared-title">
      <h2 id="compared-title" className="desk-title">
        <Trans>Difference</Trans>
      </h2>
      <div className="filters">
        <Choice
          label={t`From`}
          options={options}
          value={String(one)}
          onChange={(id) => setOne(Number(id))}
        />
        <Choice
          label={t`To`}
          options={options}
          value={String(two)}
          onChange={(id) => setTwo(Number(id))}
        />
      </div>
      {isSame && (
        <p className="soft">
          <Trans>Both are the same, word for word.</Trans>
        </p>
      )}
      <div className="compared-sides">
        <Side number={one} runs={runs} where="before" />
        <Side number={two} runs={runs} where="after" />
      </div>
    </section>
  );
}

/** One version beside the other; what only it has is marked by more than colour. */
function Side(props: {
  readonly number: number;
  readonly runs: ReturnType<typeof difference>;
  readonly where: "before" | "after";
}) {
  const { t } = useLingui();
  const number = useFormat().number(props.number);
  const runs = props.runs.filter((run) => run.where === "both" || run.where === props.where);
  return (
    <div>
      <h3>{t`Version ${number}`}</h3>
      <p className="version-body" dir="auto">
        {runs.map((run, index) => {
          const key = `${index} ${run.where}`;
          if (run.where === "both") return <span key={key}>{run.text}</span>;
          return props.where === "before" ? (
            <del key={key}>{run.text}</del>
          ) : (
            <ins key={key}>{run.text}</ins>
          );
        })}
      </p>
    </div>
  );
}

function Propose(props: {
  readonly party: PartyId;
  readonly newest: string;
  readonly agreed: LineTerms;
}) {
  const { t } = useLingui();
  const { self } = useDesk();
  const [isOpen, setOpen] = useState(false);
  if (!(self?.may.includes("agreement.propose") ?? false)) return null;
  if (!isOpen) {
    return (
      <div>
        <Button icon="open" data-testid="propose" onPress={() => setOpen(true)}>
          {t`Propose a version`}
        </Button>
      </div>
    );
  }
  return <ProposeForm {...props} onClose={() => setOpen(false)} />;
}

/** Words for people, and beside them, if they change, the terms that both nodes act on. */
function ProposeForm(props: {
  readonly party: PartyId;
  readonly newest: string;
  readonly agreed: LineTerms;
  readonly onClose: () => void;
}) {
  const { t } = useLingui();
  const { party, newest, agreed } = props;
  const [words, setWords] = useState(newest);
  const [hasTerms, setHasTerms] = useState(false);
  const [draft, setDraft] = useState(() => termsDraft(agreed));
  const queries = useQueryClient();
  const faults = termFaults(draft);
  const wanted = hasTerms && faults.size === 0 ? termsOf(draft) : null;
  const propose = useBinding(
    async (body: string) =>
      wanted === null ? proposeAgreement(party, body) : proposeTerms(party, body, wanted),
    () => {
      props.onClose();
      void queries.invalidateQueries({ queryKey: ["agreement", party] });
      void queries.invalidateQueries({ queryKey: ["terms", party] });
    },
  );
  const isSame = words === newest && (wanted === null || changedTerms(agreed, wanted).length === 0);
  const isReady = words.trim() !== "" && !isSame && (!hasTerms || faults.size === 0);
  return (
    <Form
      className="card propose"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) propose.run(words);
      }}
    >
      <TextField className="field" value={words} onChange={setWords} maxLength={CHARACTERS_MAX}>
        <Label className="field-label">
          <Trans>Words of the new version</Trans>
        </Label>
        <TextArea dir="auto" rows={8} data-testid="propose-words" />
      </TextField>
      <Toggle isOn={hasTerms} onChange={setHasTerms}>
        <Trans>Change the terms that both nodes act on</Trans>
      </Toggle>
      {hasTerms && <TermsForm party={party} draft={draft} faults={faults} onChange={setDraft} />}
      {wanted !== null && <ProposedTerms terms={wanted} before={agreed} />}
      <Problem error={propose.error} />
      <div className="sheet-acts">
        <Button onPress={props.onClose}>{t`Not now`}</Button>
        <Button type="submit" weight="primary" isDisabled={!isReady || propose.isPending}>
          {t`Propose`}
        </Button>
      </div>
      {propose.sheet}
    </Form>
  );
}
