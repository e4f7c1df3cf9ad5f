import { Link } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";

import { Chip } from "../../components/chip";
import { Icon } from "../../components/icon";
import { cells, inOrder } from "../../state/checks/checks";
import { CheckNow } from "./check-now";
import { useChecks } from "./live";
import "./checks.css";

const SHOWN = 8;

/** Line checks on the watch page: what is to be done now, and the last few of each line. */
export default function ChecksCard() {
  const { t } = useLingui();
  const lines = inOrder(useChecks().data ?? []);
  if (lines.length === 0) return null;
  return (
    <section className="card" aria-labelledby="checks-card-title">
      <h2 id="checks-card-title" className="desk-title">
        <Icon name="line" />
        <Trans>Line checks</Trans>
      </h2>
      <ul className="strip">
        {lines.map((line) => (
          <li key={line.space} className="strip-line">
            <span className="strip-name">{line.party}</span>
            <span className="check-strip" aria-hidden>
              {cells(line.history.slice(0, SHOWN)).map((cell) => (
                <span key={cell.name} className={`check-cell check-${cell.tone}`}>
                  {cell.letter}
                </span>
              ))}
            </span>
            {line.notices.length > 0 && <Chip tone="cut">{t`Two missed`}</Chip>}
            {line.now?.turn === "us" && <CheckNow line={line} check={line.now} />}
          </li>
        ))}
      </ul>
      <p className="small">
        <Link to="/checks">
          <Trans>All checks, suspension of a line</Trans>
        </Link>
      </p>
    </section>
  );
}
