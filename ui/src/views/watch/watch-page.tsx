import { Link, useNavigate } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";
import { lazy, Suspense, useState } from "react";

import type { Alert } from "../../api/alert-types";
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { Empty } from "../../components/notice";
import { heaps } from "../../state/watch/alerts";
import { Contact } from "../desk/contact";
import { useDesk } from "../desk/context";
import { AlertItem } from "./alert-item";
import { WATCH_CARDS, type WatchCard } from "./cards";
import { DraftList } from "./draft-list";
import { DutyStrip } from "./duty-strip";
import { FaultWall } from "./fault-wall";
import { HelpSheet } from "./help-sheet";
import { useWatchKeys } from "./keys";
import { LineStrip } from "./line-strip";
import { useLateAlerts, useMay, useOpenAlerts } from "./live";
import { SoundCheck, SoundState } from "./sound-check";
import "./watch.css";

const CARDS = WATCH_CARDS.map(({ id, place, needs, load }) => ({
  id,
  place,
  needs,
  Drawn: lazy(load),
}));

/** The screen that is watched for eight hours. */
export function WatchPage() {
  const { t } = useLingui();
  const navigate = useNavigate();
  const mayDraft = useMay("alert.draft");
  const [shown, setShown] = useState<"help" | "check" | null>(null);
  useWatchKeys({
    onHelp: () => setShown("help"),
    onCheck: () => setShown("check"),
    ...(mayDraft ? { onWrite: () => void navigate({ to: "/watch/write" }) } : {}),
  });
  return (
    <main id="main" className="watch">
      <header className="watch-head">
        <h1>
          <Trans>Watch</Trans>
        </h1>
        <SoundState onCheck={() => setShown("check")} />
        <div className="watch-acts">
          {mayDraft && (
            <Link to="/watch/write" className="button button-primary" data-testid="write-alert">
              <Icon name="open" />
              <span>
                <Trans>Write an alert</Trans>
              </span>
            </Link>
          )}
          <Button icon="keyboard" isIconOnly weight="quiet" onPress={() => setShown("help")}>
            {t`Keys of the watch`}
          </Button>
        </div>
      </header>
      <Contact />
      <div className="watch-main">
        <OpenAlerts />
        <DraftList />
        <Cards place="main" />
        <Lately />
      </div>
      <aside className="watch-side" aria-label={t`Lines and people`}>
        <LineStrip />
        <DutyStrip />
        <Cards place="side" />
      </aside>
      <HelpSheet isOpen={shown === "help"} onClose={() => setShown(null)} />
      {shown === "check" && <SoundCheck onClose={() => setShown(null)} />}
    </main>
  );
}

/** Open alerts in two heaps: what waits for us, and what we wait for. */
function OpenAlerts() {
  const { t } = useLingui();
  const { contact } = useDesk();
  const { data, isPending, isError } = useOpenAlerts();
  if (!useMay("alert.read")) {
    return <Empty icon="aside" title={t`Alerts are read by others of your party.`} />;
  }
  if (data === undefined) {
    return isPending && !isError && contact !== "silent" ? (
      <Empty icon="aside" title={t`Asking your node for its alerts`} isWaiting />
    ) : (
      <Empty icon="cut" title={t`Alerts cannot be read now.`} />
    );
  }
  const { ours, theirs } = heaps(data);
  return (
    <>
      <Heap id="ours" title={t`To do here`} nothing={t`Nothing waits for us.`} alerts={ours} />
      <Heap
        id="theirs"
        title={t`Waiting for the other party`}
        nothing={t`We wait for nobody.`}
        alerts={theirs}
      />
    </>
  );
}

function Heap(props: {
  readonly id: string;
  readonly title: string;
  readonly nothing: string;
  readonly alerts: readonly Alert[];
}) {
  const title = `heap-${props.id}`;
  return (
    <section className="watch-heap" aria-labelledby={title} data-testid={title}>
      <h2 id={title} className="desk-title">
        {props.title}
      </h2>
      {props.alerts.length === 0 ? (
        <p className="soft watch-nothing">{props.nothing}</p>
      ) : (
        <ul className="alert-list">
          {props.alerts.map((alert) => (
            <AlertItem key={alert.hash} alert={alert} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** What is over: expired, replaced and withdrawn alerts are shown and never vanish. */
function Lately() {
  const { t } = useLingui();
  const { data } = useLateAlerts();
  const open = useOpenAlerts().data;
  const known = new Set(open?.map((each) => each.hash));
  const over = (data ?? []).filter((each) => !known.has(each.hash));
  if (over.length === 0) return null;
  return (
    <details className="watch-late">
      <summary>{t`Lately over`}</summary>
      <ul className="alert-list">
        {over.map((alert) => (
          <AlertItem key={alert.hash} alert={alert} />
        ))}
      </ul>
    </details>
  );
}

function Cards({ place }: { readonly place: WatchCard["place"] }) {
  const { t } = useLingui();
  const may = useDesk().self?.may ?? [];
  const shown = CARDS.filter(
    (card) => card.place === place && (card.needs === null || may.includes(card.needs)),
  );
  return shown.map(({ id, Drawn }) => (
    <FaultWall
      key={id}
      instead={<Empty icon="cut" title={t`This card cannot be shown (${id}).`} />}
    >
      <Suspense fallback={null}>
        <Drawn />
      </Suspense>
    </FaultWall>
  ));
}
