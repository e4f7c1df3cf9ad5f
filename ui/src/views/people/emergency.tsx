import { useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Label, TextArea, TextField } from "react-aria-components";

import { breakGlass, endBrokenGlass, secondBrokenGlass } from "../../api/people";
import type { BrokenGlass } from "../../api/people-types";
import { Button } from "../../components/button";
import { Choice } from "../../components/choice";
import { Question } from "../../components/question";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { useLent } from "../lent";
import { useRoleWord } from "./roles";

const REASON_CHARACTERS_MIN = 8;
const REASON_CHARACTERS_MAX = 500;
/** What an emergency may need: to speak for the party, or to stand watch. */
const LENDABLE: readonly string[] = ["releaser", "duty_officer"];

/** A role one does not have, for a while: asked for by one person, agreed to by another. */
export function Emergency() {
  const { t } = useLingui();
  const { self } = useDesk();
  const [isAsking, setAsking] = useState(false);
  const may = (act: string) => self?.may.includes(act) ?? false;
  const asked = useLent();
  if (asked.length === 0 && !may("break_glass.open")) return null;
  return (
    <section className="card people-card" aria-labelledby="glass-title">
      <h2 id="glass-title" className="desk-title">
        <Trans>Emergency</Trans>
      </h2>
      <p className="soft small">
        <Trans>
          A role that a person does not have, lent for a while. Two people are needed; everybody
          sees it on every page, and it is written down.
        </Trans>
      </p>
      <ul className="people-list">
        {asked.map((each) => (
          <Asked key={each.id} glass={each} />
        ))}
      </ul>
      {may("break_glass.open") && (
        <div>
          <Button
            weight="danger"
            icon="warning"
            data-testid="break-glass"
            onPress={() => setAsking(true)}
          >
            {t`Ask for a role`}
          </Button>
        </div>
      )}
      {isAsking && <Ask onClose={() => setAsking(false)} />}
    </section>
  );
}

function Asked({ glass }: { readonly glass: BrokenGlass }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const word = useRoleWord();
  const queries = useQueryClient();
  const settle = useBinding(
    async (act: "second" | "end") =>
      act === "second" ? secondBrokenGlass(glass.id) : endBrokenGlass(glass.id),
    () => void queries.invalidateQueries({ queryKey: ["break-glass"] }),
  );
  const may = (act: string) => self?.may.includes(act) ?? false;
  const isOwn = glass.person.id === self?.person.id;
  const { name } = glass.person;
  const role = word(glass.role);
  const isOpen = glass.state === "open";
  return (
    <li className="people-item" data-testid={`glass-${glass.id}`}>
      <div>
        <p>
          <strong>
            {isOpen ? t`${name} has the role: ${role}` : t`${name} asks for the role: ${role}`}
          </strong>
        </p>
        <p dir="auto">{glass.reason}</p>
        <Problem error={settle.error} />
      </div>
      <div className="people-acts">
        {!isOpen && may("break_glass.second") && !isOwn && (
          <Button weight="danger" data-testid="second" onPress={() => settle.run("second")}>
            {t`Agree, as the second person`}
          </Button>
        )}
        {may("break_glass.end") && (
          <Button onPress={() => settle.run("end")}>{isOpen ? t`Take it back` : t`Decline`}</Button>
        )}
      </div>
      {settle.sheet}
    </li>
  );
}

function Ask({ onClose }: { readonly onClose: () => void }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const word = useRoleWord();
  const lendable = LENDABLE.filter((role) => !(self?.roles.includes(role) ?? false));
  const [role, setRole] = useState(lendable[0] ?? "");
  const [reason, setReason] = useState("");
  const queries = useQueryClient();
  const ask = useBinding(
    async (why: string) => breakGlass(role, why),
    () => {
      onClose();
      void queries.invalidateQueries({ queryKey: ["break-glass"] });
    },
  );
  return (
    <>
      <Question
        title={t`Ask for a role in an emergency`}
        no={t`Not now`}
        yes={t`Ask`}
        isDangerous
        isPending={ask.isPending || reason.trim().length < REASON_CHARACTERS_MIN || role === ""}
        onNo={onClose}
        onYes={() => ask.run(reason.trim())}
      >
        <Choice
          label={t`Role`}
          value={role}
          options={lendable.map((each) => ({ id: each, label: word(each) }))}
          onChange={setRole}
        />
        <TextField
          className="field"
          value={reason}
          onChange={setReason}
          maxLength={REASON_CHARACTERS_MAX}
        >
          <Label className="field-label">
            <Trans>Why it cannot wait</Trans>
          </Label>
          <TextArea dir="auto" data-testid="glass-reason" />
        </TextField>
        <Problem error={ask.error} />
      </Question>
      {ask.sheet}
    </>
  );
}
