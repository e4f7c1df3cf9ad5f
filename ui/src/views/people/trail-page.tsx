import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useMemo, useState } from "react";

import { readPeople, readTrail } from "../../api/people";
import { OPEN_KINDS, type TrailFilter, type TrailRow } from "../../api/people-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Choice } from "../../components/choice";
import { Empty } from "../../components/notice";
import { useFormat } from "../../i18n/format";
import { handedOver } from "../../state/duty/handed-over";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { refusalWords } from "../words";
import { useActWord } from "./acts";
import { OPEN_KIND_WORDS } from "./open-words";
import { ROLES, useRoleWord } from "./roles";
import "../record/record.css";
import "./people.css";

const ANY = "any";
const NO_FILTER: TrailFilter = { asker: null, is_refused: null };

/** The trail: what our own people did that binds, what was refused, what the node noticed. */
export function TrailPage() {
  const { t } = useLingui();
  const [filter, setFilter] = useState(NO_FILTER);
  const read = useInfiniteQuery({
    queryKey: ["trail", filter],
    queryFn: async ({ pageParam }) => readTrail(filter, pageParam),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => read.data?.pages.flatMap((page) => page.rows) ?? [], [read.data]);
  const isFiltered = filter.asker !== null || filter.is_refused !== null;
  return (
    <main id="main" className="page people">
      <h1>{t`Trail`}</h1>
      <section className="card people-card" aria-labelledby="trail-title">
        <h2 id="trail-title" className="desk-title">
          <Trans>Who did what here</Trans>
        </h2>
        <p className="soft small">
          <Trans>
            Kept by your own node and shown to nobody else. Each row is sealed with the one before.
          </Trans>
        </p>
        <TrailFilters filter={filter} onChange={setFilter} />
        {read.isPending && (
          <Empty icon="aside" title={t`Asking your node for its trail`} isWaiting />
        )}
        <Problem error={read.error} />
        {read.isSuccess && rows.length === 0 && (
          <Empty
            icon="aside"
            title={isFiltered ? t`Nothing of this kind` : t`Nothing was done yet`}
          >
            {isFiltered && (
              <Button onPress={() => setFilter(NO_FILTER)}>{t`Show everything`}</Button>
            )}
          </Empty>
        )}
        {rows.length > 0 && (
          <ol className="trail-list" aria-label={t`The trail, the newest first`}>
            {rows.map((row) => (
              <TrailItem key={row.number} row={row} />
            ))}
          </ol>
        )}
        {read.hasNextPage && (
          <div>
            <Button
              data-testid="trail-older"
              isDisabled={read.isFetchingNextPage}
              onPress={() => void read.fetchNextPage()}
            >
              {t`Show older`}
            </Button>
          </div>
        )}
      </section>
    </main>
  );
}

function TrailFilters(props: {
  readonly filter: TrailFilter;
  readonly onChange: (filter: TrailFilter) => void;
}) {
  const { t } = useLingui();
  const { filter, onChange } = props;
  const people = useQuery({ queryKey: ["people"], queryFn: readPeople });
  return (
    <search className="filters" aria-label={t`What is shown`}>
      <Choice
        label={t`By whom`}
        value={filter.asker ?? ANY}
        options={[
          { id: ANY, label: t`Everybody` },
          { id: "node", label: t`The node by itself` },
          { id: "operator", label: t`The operator of the machine` },
          ...(people.data ?? []).map(({ id, name }) => ({ id, label: name })),
        ]}
        onChange={(id) => onChange({ ...filter, asker: id === ANY ? null : id })}
      />
      <Choice
        label={t`How it went`}
        value={filter.is_refused === null ? ANY : String(filter.is_refused)}
        options={[
          { id: ANY, label: t`However it went` },
          { id: "false", label: t`Done` },
          { id: "true", label: t`Refused or noticed` },
        ]}
        onChange={(id) => onChange({ ...filter, is_refused: id === ANY ? null : id === "true" })}
      />
    </search>
  );
}

function TrailItem({ row }: { readonly row: TrailRow }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const { self } = useDesk();
  const format = useFormat();
  const act = useActWord();
  const askers: Readonly<Record<string, string>> = {
    node: t`The node by itself`,
    operator: t`The operator of the machine`,
  };
  const asker = row.asker_name ?? askers[row.asker] ?? row.asker;
  const said = useSaid();
  const isDone = row.outcome === "done";
  return (
    <li className="trail-row" data-testid={`trail-${row.number}`}>
      <time className="figures small soft" dateTime={row.at}>
        {format.instant(row.at, self?.party.time_zone ?? "UTC")}
      </time>
      <div>
        <p>
          <strong>{asker}</strong>: {act(row.act)}
          {row.subject_name !== null && row.subject !== row.asker && <> · {row.subject_name}</>}
        </p>
        {row.words !== "" && (
          <p className="small trail-words" dir="auto">
            {said(row.words)}
          </p>
        )}
      </div>
      <p>
        {isDone ? (
          <Chip tone="good" icon="up">
            {t`Done`}
          </Chip>
        ) : (
          <Chip tone="poor" icon="warning">
            {_(refusalWords(row.outcome, {}))}
          </Chip>
        )}
      </p>
    </li>
  );
}

/** What the node itself wrote beside an act, in words; what a person wrote stays as it is. */
function useSaid(): (words: string) => string {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const format = useFormat();
  const role = useRoleWord();
  return (words) => {
    const handed = handedOver(words);
    if (handed !== null) {
      const open = OPEN_KINDS.filter((kind) => handed.counts[kind] > 0).map(
        (kind) => `${_(OPEN_KIND_WORDS[kind])}: ${format.number(handed.counts[kind])}`,
      );
      if (handed.untold > 0) open.push(t`Somebody could not be told`);
      return [open.length === 0 ? t`Nothing is open` : open.join(", "), ...handed.hashes].join(
        " · ",
      );
    }
    const parts = words.split(" ");
    if (parts.every((part) => ROLES.includes(part))) return parts.map(role).join(", ");
    const fixed: Readonly<Record<string, string>> = {
      revoked: t`All rights ended`,
      "given back": t`Rights given back`,
      untied: t`No provider signs this person in any more`,
    };
    return fixed[words] ?? words;
  };
}
