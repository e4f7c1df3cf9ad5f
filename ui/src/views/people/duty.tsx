import { useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { passDuty } from "../../api/people";
import type { Office } from "../../api/people-types";
import { Button } from "../../components/button";
import { Choice } from "../../components/choice";
import { Question } from "../../components/question";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { OpenMatters, useOpenMatters } from "./open-matters";

/** Whoever has the duty hands it over; whoever it is offered to, or who finds it empty, takes it. */
export function DutyActs({ office }: { readonly office: Office }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const [asked, setAsked] = useState<"hand-over" | "lay-down" | "take" | null>(null);
  const queries = useQueryClient();
  const { duty, name } = office;
  const me = self?.person.id ?? "";
  const pass = useBinding(
    async (to: string | null) => passDuty(office.id, to),
    () => {
      setAsked(null);
      void queries.invalidateQueries({ queryKey: ["offices"] });
    },
  );
  const isMember = office.people.some((person) => person.id === me);
  const mayTake = isMember && (self?.may.includes("duty.take") ?? false) && duty?.person.id !== me;
  const isFree = duty === null || duty.offered_to?.id === me;
  return (
    <>
      {duty?.person.id === me && (
        <>
          <Button
            data-testid={`hand-over-${office.id}`}
            aria-label={t`Hand over the duty of ${name}`}
            onPress={() => setAsked("hand-over")}
          >
            {t`Hand over`}
          </Button>
          <Button
            data-testid={`lay-down-${office.id}`}
            aria-label={t`Lay down the duty of ${name}`}
            onPress={() => setAsked("lay-down")}
          >
            {t`Lay down`}
          </Button>
        </>
      )}
      {mayTake && isFree && (
        <Button
          weight="primary"
          data-testid={`take-${office.id}`}
          aria-label={t`Take the duty of ${name}`}
          onPress={() => setAsked("take")}
        >
          {t`Take the duty`}
        </Button>
      )}
      {asked === "take" && (
        <Take
          name={name}
          error={pass.error}
          isPending={pass.isPending}
          onNo={() => setAsked(null)}
          onYes={() => pass.run(me)}
        />
      )}
      {asked === "hand-over" && (
        <HandOver
          office={office}
          error={pass.error}
          isPending={pass.isPending}
          onNo={() => setAsked(null)}
          onPass={pass.run}
        />
      )}
      {asked === "lay-down" && (
        <Question
          title={t`Lay down the duty of ${name}?`}
          no={t`Stay on duty`}
          yes={t`Lay down`}
          isDangerous
          isPending={pass.isPending}
          onNo={() => setAsked(null)}
          onYes={() => pass.run(null)}
        >
          <p>
            <Trans>Nobody is on duty there from then on, until somebody takes it.</Trans>
          </p>
          <Problem error={pass.error} />
        </Question>
      )}
      {asked === null && <Problem error={pass.error} />}
      {pass.sheet}
    </>
  );
}

/** Shows what is open before it is anybody's: the duty is taken with it, and not unseen. */
function Take(props: {
  readonly name: string;
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly onNo: () => void;
  readonly onYes: () => void;
}) {
  const { t } = useLingui();
  const read = useOpenMatters();
  const { name } = props;
  return (
    <Question
      title={t`Take the duty of ${name}?`}
      no={t`Not now`}
      yes={t`Take the duty`}
      isPending={props.isPending || read.data === undefined}
      onNo={props.onNo}
      onYes={props.onYes}
    >
      <p>
        <Trans>This is open now and passes to you; every limit runs on as it is.</Trans>
      </p>
      <OpenMatters read={read} />
      <Problem error={props.error} />
    </Question>
  );
}

function HandOver(props: {
  readonly office: Office;
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly onNo: () => void;
  readonly onPass: (to: string | null) => void;
}) {
  const { t } = useLingui();
  const { office } = props;
  const { name } = office;
  const next = office.people.filter((person) => person.id !== office.duty?.person.id);
  const read = useOpenMatters();
  const [person, setPerson] = useState(next[0]?.id ?? "");
  return (
    <Question
      title={t`Hand over the duty of ${name}`}
      no={t`Not now`}
      yes={t`Hand over`}
      isPending={props.isPending || person === ""}
      onNo={props.onNo}
      onYes={() => props.onPass(person)}
    >
      <Choice
        label={t`To whom`}
        value={person}
        options={next.map((each) => ({ id: each.id, label: each.name }))}
        onChange={setPerson}
      />
      <p className="soft small">
        <Trans>Whoever has the duty keeps it until the next has taken it.</Trans>
      </p>
      <h3>
        <Trans>What you hand over</Trans>
      </h3>
      <OpenMatters read={read} />
      <Problem error={props.error} />
    </Question>
  );
}
