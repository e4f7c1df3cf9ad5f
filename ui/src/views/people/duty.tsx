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

/** Whoever has the duty hands it over; whoever it is offered to, or who finds it empty, takes it. */
export function DutyActs({ office }: { readonly office: Office }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const [asked, setAsked] = useState<"hand-over" | "lay-down" | null>(null);
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
          onPress={() => pass.run(me)}
        >
          {t`Take the duty`}
        </Button>
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
      <Problem error={props.error} />
    </Question>
  );
}
