import { Trans } from "@lingui/react/macro";

import { useDesk } from "./context";
import { useNow } from "../../components/now";
import { useFormat } from "../../i18n/format";
import { ageSeconds } from "../../state/desk/line";

/** Age of a proof, ticking. By the node's clock: a wrong clock here must not freshen it. */
export function Age({ at }: { readonly at: string | null }) {
  const now = useNow();
  const format = useFormat();
  const { clock_offset_ms } = useDesk();
  const age = ageSeconds(at, now, clock_offset_ms);
  return age === null ? (
    <span className="soft">
      <Trans>never</Trans>
    </span>
  ) : (
    <time className="figures" dateTime={at ?? undefined}>
      {format.age(age)}
    </time>
  );
}

/** A figure, or a dash with a word for whoever cannot see it. */
export function Figure({ value }: { readonly value: string | null }) {
  if (value !== null) return <span className="figures">{value}</span>;
  return (
    <span className="soft">
      <span aria-hidden="true">–</span>
      <span className="unseen">
        <Trans>not measured</Trans>
      </span>
    </span>
  );
}
