import { useQueryClient } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Input, Label, TextField } from "react-aria-components";

import { bind, writeParagraph } from "../../api/crises";
import type {
  Assessment,
  Crisis,
  CrisisText,
  Paragraph,
  Section,
  Version,
} from "../../api/crisis-types";
import { SECTIONS } from "../../api/crisis-types";
import { Button } from "../../components/button";
import { Choice } from "../../components/choice";
import { Question } from "../../components/question";
import { Sheet } from "../../components/sheet";
import { isOursToo, type Possible } from "../../state/crisis/crisis";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";
import { useBinding } from "../step-up";
import { usePartyName, useTexts, Words, Writing } from "./parts";
import { SECTION_WORDS } from "./words";

interface Written {
  readonly key: string | null;
  readonly section: Section;
  readonly order: number;
  readonly texts: readonly CrisisText[];
  readonly owner: string | null;
  readonly due: string | null;
}

/** The joint sheet: without brackets what both have in the same words, the rest within. */
export function JointSheet(props: {
  readonly crisis: Crisis;
  readonly assessment: Assessment;
  readonly can: Possible;
}) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const { crisis, assessment, can } = props;
  const queries = useQueryClient();
  const [asked, setAsked] = useState<Paragraph | "new" | "adopt" | null>(null);
  const refresh = () => {
    setAsked(null);
    void queries.invalidateQueries({ queryKey: ["assessment", crisis.hash] });
  };
  const write = useBinding<Written>(async (words) => writeParagraph(crisis.hash, words), refresh);
  const adopt = useBinding<null>(async () => bind(crisis.hash, "adopt"), refresh);
  if (!can.mayWriteSheet && assessment.sheet.length === 0) return null;
  return (
    <section className="card crisis-heap" aria-labelledby="joint-sheet">
      <h2 id="joint-sheet" className="desk-title">
        <Trans>Joint sheet</Trans>
      </h2>
      {SECTIONS.map((section) => {
        const found = assessment.sheet.filter((each) => each.section === section);
        return found.length === 0 ? null : (
          <section key={section} className="crisis-heap" aria-label={_(SECTION_WORDS[section])}>
            <h3>{_(SECTION_WORDS[section])}</h3>
            <ul className="crisis-list">
              {found.map((each) => (
                <ParagraphItem
                  key={each.key}
                  crisis={crisis}
                  paragraph={each}
                  mayWrite={can.mayWriteSheet}
                  isPending={write.isPending}
                  onEdit={() => setAsked(each)}
                  onWrite={write.run}
                />
              ))}
            </ul>
          </section>
        );
      })}
      <div className="crisis-acts">
        {can.mayWriteSheet && (
          <Button data-testid="new-paragraph" onPress={() => setAsked("new")}>
            {t`Add a paragraph`}
          </Button>
        )}
        {can.mayAdopt && (
          <Button weight="primary" data-testid="adopt" onPress={() => setAsked("adopt")}>
            {t`Adopt the sheet`}
          </Button>
        )}
      </div>
      <Adoptions crisis={crisis} assessment={assessment} />
      <Problem error={write.error} />
      {write.sheet}
      {asked === "adopt" && (
        <Question
          title={t`Adopt the sheet as it stands?`}
          no={t`Not now`}
          yes={t`Adopt it with the passkey`}
          isPending={adopt.isPending}
          onNo={() => setAsked(null)}
          onYes={() => adopt.run(null)}
        >
          <p>
            <Trans>It is adopted once the other side has adopted the very same bytes.</Trans>
          </p>
          <Problem error={adopt.error} />
        </Question>
      )}
      {adopt.sheet}
      {asked !== null && asked !== "adopt" && (
        <ParagraphForm
          crisis={crisis}
          paragraph={asked === "new" ? null : asked}
          isPending={write.isPending}
          onClose={() => setAsked(null)}
          onWrite={write.run}
        />
      )}
    </section>
  );
}

function ParagraphItem(props: {
  readonly crisis: Crisis;
  readonly paragraph: Paragraph;
  readonly mayWrite: boolean;
  readonly isPending: boolean;
  readonly onEdit: () => void;
  readonly onWrite: (words: Written) => void;
}) {
  const { t } = useLingui();
  const { self } = useDesk();
  const { crisis, paragraph } = props;
  const { key, section, order } = paragraph;
  const theirs = paragraph.versions.find(({ party }) => party !== null && party !== self?.party.id);
  const isOurs = self !== null && isOursToo(paragraph, self.party.id);
  return (
    <li className="crisis-item" data-testid={paragraph.is_bracketed ? "bracketed" : "joint"}>
      {paragraph.versions.map((version) => (
        <VersionWords key={version.party ?? "both"} crisis={crisis} version={version} />
      ))}
      {props.mayWrite && (
        <div className="crisis-acts">
          {theirs !== undefined && (
            <Button
              data-testid="take-theirs"
              isDisabled={props.isPending}
              onPress={() =>
                props.onWrite({
                  key,
                  section,
                  order,
                  texts: theirs.texts,
                  owner: theirs.owner,
                  due: theirs.due,
                })
              }
            >
              {t`Take their words`}
            </Button>
          )}
          <Button onPress={props.onEdit}>{t`Other words`}</Button>
          {isOurs && (
            <Button
              isDisabled={props.isPending}
              onPress={() =>
                props.onWrite({ key, section, order, texts: [], owner: null, due: null })
              }
            >
              {t`Strike`}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

function VersionWords({ crisis, version }: { readonly crisis: Crisis; readonly version: Version }) {
  const nameOf = usePartyName(crisis.parties);
  return (
    <div className={version.party === null ? "" : "crisis-bracket"}>
      {version.party !== null && (
        <strong>
          <bdi>{nameOf(version.party)}</bdi>:{" "}
        </strong>
      )}
      <Words texts={version.texts} />
      {version.owner !== null && version.due !== null && (
        <p className="small">
          <bdi>{nameOf(version.owner)}</bdi> <BothTimes at={version.due} parties={[]} />
        </p>
      )}
    </div>
  );
}

function ParagraphForm(props: {
  readonly crisis: Crisis;
  readonly paragraph: Paragraph | null;
  readonly isPending: boolean;
  readonly onClose: () => void;
  readonly onWrite: (words: Written) => void;
}) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const texts = useTexts();
  const { crisis, paragraph } = props;
  const nameOf = usePartyName(crisis.parties);
  const old = paragraph?.versions[0];
  const [section, setSection] = useState<Section>(paragraph?.section ?? "fact");
  const [words, setWords] = useState(old?.texts[0]?.text ?? "");
  const [owner, setOwner] = useState<string>(old?.owner ?? crisis.parties[0]?.id ?? "");
  const [due, setDue] = useState(old?.due?.slice(0, 10) ?? "");
  const isCommitment = section === "commitment";
  return (
    <Sheet title={t`A paragraph of the joint sheet`} isOpen onClose={props.onClose}>
      <Choice
        label={t`Section`}
        value={section}
        options={SECTIONS.map((id) => ({ id, label: _(SECTION_WORDS[id]) }))}
        onChange={(id) => setSection(id as Section)}
      />
      <Writing label={t`Our words`} value={words} onChange={setWords} testId="paragraph-words" />
      {isCommitment && (
        <>
          <Choice
            label={t`Who keeps it`}
            value={owner}
            options={crisis.parties.map(({ id }) => ({ id, label: nameOf(id) }))}
            onChange={setOwner}
          />
          <TextField className="field" value={due} onChange={setDue} type="date">
            <Label className="field-label">
              <Trans>By when</Trans>
            </Label>
            <Input />
          </TextField>
        </>
      )}
      <div className="sheet-acts">
        <Button onPress={props.onClose}>{t`Not now`}</Button>
        <Button
          weight="primary"
          data-testid="write-paragraph"
          isDisabled={props.isPending || words.trim() === "" || (isCommitment && due === "")}
          onPress={() =>
            props.onWrite({
              key: paragraph?.key ?? null,
              section,
              order: paragraph?.order ?? 0,
              texts: texts(words),
              owner: isCommitment ? owner : null,
              due: isCommitment ? `${due}T00:00:00Z` : null,
            })
          }
        >
          {t`Put it on the sheet`}
        </Button>
      </div>
    </Sheet>
  );
}

function Adoptions(props: { readonly crisis: Crisis; readonly assessment: Assessment }) {
  const nameOf = usePartyName(props.crisis.parties);
  return props.assessment.adoptions.map((each) => {
    const name = nameOf(each.party);
    return (
      <p key={each.party} className="small" data-testid="adoption">
        {each.is_current ? (
          <Trans>{name} has adopted this sheet</Trans>
        ) : (
          <Trans>{name} has adopted another version</Trans>
        )}{" "}
        <code className="crisis-hash">{each.sheet.slice(0, 16)}</code>
      </p>
    );
  });
}
