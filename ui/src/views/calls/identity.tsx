import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { Form, Input, Label, TextField } from "react-aria-components";

import { commitToKey, reportMismatch, showKey, startCall } from "../../api/papers";
import type { CallRequest } from "../../api/paper-types";
import { Button } from "../../components/button";
import { Notice } from "../../components/notice";
import { Sheet } from "../../components/sheet";
import { LANGUAGES } from "../../i18n/languages";
import { commitmentOf, keepShown, keptShown, makeShown, spoken } from "./exchange";
import { useDesk } from "../desk/context";
import { usePartyName } from "../notifications/use-papers";
import { Problem } from "../problem";
import { BothTimes } from "../record/both-times";

/** The code that both people read aloud before they speak: made, compared, begun or contradicted. */
export function IdentityCheck({ call }: { readonly call: CallRequest }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const queries = useQueryClient();
  const ours = self?.party.id ?? "";
  const isAsker = call.asker === ours;
  const { commitment, asked_key, code } = call.identity;
  const again = () => void queries.invalidateQueries({ queryKey: ["call", call.hash] });
  const begin = useMutation({
    mutationFn: async () => {
      const shown = await makeShown();
      const committed = await commitmentOf(call.hash, shown);
      keepShown(sessionStorage, call.hash, committed, shown);
      await commitToKey(call.hash, committed);
    },
    onSuccess: again,
  });
  const show = useMutation({
    mutationFn: async () => {
      const kept = isAsker ? keptShown(sessionStorage, call.hash) : await makeShown();
      if (kept !== null) await showKey(call.hash, kept);
    },
    onSuccess: again,
  });
  const isOurTurn = isAsker && asked_key !== null && code === null;
  useOnce(isOurTurn && keptShown(sessionStorage, call.hash) !== null ? asked_key : null, () =>
    show.mutate(),
  );
  const isContradicted = call.mismatches.length > 0;
  return (
    <section className="card paper-acts" aria-labelledby="identity-title">
      <h2 id="identity-title" className="desk-title">
        <Trans>Who speaks: six digits, read aloud</Trans>
      </h2>
      <Mismatches call={call} />
      <Problem error={begin.error ?? show.error} />
      {code === null && isAsker && (
        <Button
          weight={commitment === null ? "primary" : "quiet"}
          data-testid="identity-begin"
          isDisabled={begin.isPending}
          onPress={() => begin.mutate()}
        >
          {commitment === null ? t`Begin the check` : t`Begin the check anew`}
        </Button>
      )}
      {code === null && !isAsker && commitment === null && (
        <p className="soft">
          <Trans>The side that asked begins the check.</Trans>
        </p>
      )}
      {code === null && !isAsker && commitment !== null && asked_key === null && (
        <Button
          weight="primary"
          data-testid="identity-show"
          isDisabled={show.isPending}
          onPress={() => show.mutate()}
        >
          {t`Show our device's key`}
        </Button>
      )}
      {code === null && commitment !== null && (isAsker || asked_key !== null) && (
        <p className="soft pulse">
          <Trans>Waiting for the other side's device</Trans>
        </p>
      )}
      {code !== null && <Code call={call} code={code} onDone={again} />}
      {code !== null && isContradicted && isAsker && (
        <Button data-testid="identity-begin" onPress={() => begin.mutate()}>
          {t`Begin the check anew`}
        </Button>
      )}
      <p className="small soft">
        <Trans>
          The digits tie two devices to two voices. They do not encrypt the call: sound and picture
          go through both parties' nodes.
        </Trans>
      </p>
    </section>
  );
}

/** Calls back once for every new subject. */
function useOnce(subject: string | null, act: () => void): void {
  const done = useRef<string | null>(null);
  useEffect(() => {
    if (subject === null || done.current === subject) return;
    done.current = subject;
    act();
  });
}

function Code(props: {
  readonly call: CallRequest;
  readonly code: string;
  readonly onDone: () => void;
}) {
  const { t } = useLingui();
  const { self } = useDesk();
  const { call, code, onDone } = props;
  const [isOther, setOther] = useState(false);
  const start = useMutation({
    mutationFn: async () => startCall(call.hash, code),
    onSuccess: onDone,
  });
  const hasBegun = call.speaking.some((party) => party === self?.party.id);
  const isContradicted = call.mismatches.length > 0;
  const may = self?.may.includes("call.start") ?? false;
  return (
    <>
      <output className="call-code" data-testid="code" dir="ltr">
        {code.slice(0, 3)} {code.slice(3)}
      </output>
      <ul className="call-spoken">
        {call.languages.map((language) => {
          const words = spoken(code, language);
          const known = LANGUAGES.find(({ id }) => id === language);
          return words === null ? null : (
            <li key={language} lang={known?.tag ?? language} dir="auto">
              {words}
            </li>
          );
        })}
      </ul>
      <p>
        <Trans>Read it aloud, and listen to theirs. Begin only if you hear the same digits.</Trans>
      </p>
      <Problem error={start.error} />
      {hasBegun ? (
        <Notice tone="good" icon="up" title={t`We said that we heard the same code`} />
      ) : (
        may && (
          <div className="sheet-acts">
            <Button weight="danger" data-testid="code-other" onPress={() => setOther(true)}>
              {t`They read another code`}
            </Button>
            <Button
              weight="primary"
              data-testid="code-same"
              isDisabled={start.isPending || isContradicted}
              onPress={() => start.mutate()}
            >
              {t`The same code: begin`}
            </Button>
          </div>
        )
      )}
      {isOther && <Heard call={call} onClose={() => setOther(false)} onDone={onDone} />}
    </>
  );
}

function Heard(props: {
  readonly call: CallRequest;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const { t } = useLingui();
  const [heard, setHeard] = useState("");
  const digits = heard.replaceAll(/\D/g, "").slice(0, 6);
  const tell = useMutation({
    mutationFn: async () => reportMismatch(props.call.hash, digits === "" ? null : digits),
    onSuccess: () => {
      props.onClose();
      props.onDone();
    },
  });
  return (
    <Sheet title={t`They read another code`} isOpen isQuestion onClose={props.onClose}>
      <Form
        className="paper-acts"
        onSubmit={(event) => {
          event.preventDefault();
          tell.mutate();
        }}
      >
        <p>
          <Trans>
            Say nothing of substance. It is written into the record of both sides, and the call does
            not begin with this code.
          </Trans>
        </p>
        <TextField className="field" value={heard} onChange={setHeard} autoFocus>
          <Label className="field-label">
            <Trans>Digits that you heard, if you know them</Trans>
          </Label>
          <Input className="field-input" inputMode="numeric" dir="ltr" data-testid="heard" />
        </TextField>
        <Problem error={tell.error} />
        <div className="sheet-acts">
          <Button onPress={props.onClose}>{t`Not now`}</Button>
          <Button
            type="submit"
            weight="danger"
            data-testid="heard-tell"
            isDisabled={tell.isPending}
          >
            {t`Write it into the record`}
          </Button>
        </div>
      </Form>
    </Sheet>
  );
}

function Mismatches({ call }: { readonly call: CallRequest }) {
  const { t } = useLingui();
  const nameOf = usePartyName();
  if (call.mismatches.length === 0) return null;
  return (
    <Notice tone="cut" icon="warning" isUrgent title={t`Another code was heard`}>
      <ul>
        {call.mismatches.map(([party = "", at = "", heard = ""]) => (
          <li key={`${party} ${at}`}>
            <bdi>{nameOf(party)}</bdi> {heard !== "" && <bdi className="figures">{heard}</bdi>}{" "}
            <BothTimes at={at} parties={[call.asker]} />
          </li>
        ))}
      </ul>
    </Notice>
  );
}
