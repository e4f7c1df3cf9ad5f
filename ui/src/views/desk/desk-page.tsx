import { Link } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";

import { Contact } from "./contact";
import { LineCard } from "./line-card";
import { NodeCard } from "./node-card";
import { RoomsCard } from "./rooms-card";
import { SetAsideCard } from "./set-aside-card";
import { useDesk } from "./context";
import { inOrder } from "../../state/desk/line";
import { Empty, Notice } from "../../components/notice";
import "./desk.css";

/** The page a duty officer watches: every line, every room, what was set aside. */
export function DeskPage() {
  const { t } = useLingui();
  return (
    <main id="main" className="desk">
      <h1 className="unseen">{t`Desk`}</h1>
      <Contact />
      <FirstPasskey />
      <section className="desk-lines" aria-labelledby="lines-title">
        <h2 id="lines-title" className="desk-title">
          <Trans>Lines</Trans>
        </h2>
        <Lines />
      </section>
      <div className="desk-side">
        <RoomsCard />
        <SetAsideCard />
        <NodeCard />
      </div>
    </main>
  );
}

/** Whoever came by a link is told how to come without one. */
function FirstPasskey() {
  const { t } = useLingui();
  const { self } = useDesk();
  if (self?.has_passkey !== false || !self.may.includes("device.enrol")) return null;
  return (
    <div className="desk-contact">
      <Notice tone="noted" icon="pin" title={t`You have no passkey yet.`}>
        <p>
          <Link to="/devices">
            <Trans>Add a passkey</Trans>
          </Link>{" "}
          <Trans>and you need no link the next time.</Trans>
        </p>
      </Notice>
    </div>
  );
}

function Lines() {
  const { t } = useLingui();
  const { lines, contact } = useDesk();
  if (lines === null) {
    return contact === "silent" ? (
      <Empty icon="cut" title={t`No line can be shown without the node.`} />
    ) : (
      <Empty icon="line" title={t`Asking your node for its lines`} isWaiting />
    );
  }
  if (lines.length === 0) {
    return (
      <div className="card">
        <Empty icon="line" title={t`No line yet`}>
          <p>
            <Trans>
              A line begins when both parties have exchanged cards. The engineer does it with{" "}
              <code>parley pair</code>.
            </Trans>
          </p>
        </Empty>
      </div>
    );
  }
  return (
    <ul className="desk-list">
      {inOrder(lines).map((line) => (
        <LineCard key={line.party.id} line={line} />
      ))}
    </ul>
  );
}
