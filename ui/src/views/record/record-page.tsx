import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Trans, useLingui } from "@lingui/react/macro";
import { useDeferredValue, useMemo, useState } from "react";

import { readEntries, readSpaces } from "../../api/record";
import type { Entry, RecordSpace } from "../../api/record-types";
import { Button } from "../../components/button";
import { Choice } from "../../components/choice";
import { Fold } from "../../components/fold";
import { Empty, Notice } from "../../components/notice";
import { chosenSpace, holding, kindsIn, otherMembers } from "../../state/record/timeline";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { EntrySheet } from "./entry-sheet";
import { Files } from "./files";
import { type Filter, Filters, NO_FILTER } from "./filters";
import { LogsCard } from "./logs-card";
import { Remark } from "./remark";
import { Timeline } from "./timeline";
import { VerifySheet } from "./verify-sheet";
import { Warnings } from "./warnings";
import "../desk/desk.css";
import "./record.css";

/** Asked again while the desk's socket does not tell. */
const ASK_EVERY_MS = 10_000;

/** The record of one space: what both parties said, and what is proved of it. */
export function RecordPage({ space: asked }: { readonly space: string | null }) {
  const { t } = useLingui();
  const { spaces: told, contact } = useDesk();
  const read = useQuery({
    queryKey: ["spaces"],
    queryFn: readSpaces,
    refetchInterval: ASK_EVERY_MS,
    enabled: told === null,
  });
  const spaces = told ?? read.data ?? null;
  const space = spaces === null ? null : chosenSpace(spaces, asked);
  return (
    <main id="main" className="page">
      <header className="page-head">
        <h1>{t`Record`}</h1>
        {spaces !== null && space !== null && <SpaceChoice spaces={spaces} space={space} />}
      </header>
      {contact === "silent" && (
        <Notice
          tone="cut"
          icon="turning"
          isUrgent
          title={t`Your node does not answer; trying again.`}
        >
          <p>
            <Trans>What you see below was true before and is not proved now.</Trans>
          </p>
        </Notice>
      )}
      {spaces === null && read.error === null && (
        <Empty icon="aside" title={t`Asking your node for the record`} isWaiting />
      )}
      {spaces === null && <Problem error={read.error} />}
      {spaces !== null && space === null && (
        <div className="card">
          <Empty icon="aside" title={asked === null ? t`No record yet` : t`No such record here`}>
            <p>
              <Trans>A record begins when both parties have confirmed their line.</Trans>
            </p>
          </Empty>
        </div>
      )}
      {space !== null && <Space key={space.id} space={space} />}
    </main>
  );
}

function SpaceChoice(props: {
  readonly spaces: readonly RecordSpace[];
  readonly space: RecordSpace;
}) {
  const { t } = useLingui();
  const { self } = useDesk();
  const navigate = useNavigate();
  const ours = self?.party.id ?? null;
  if (props.spaces.length === 1) return <p>{otherMembers(props.space, ours)}</p>;
  return (
    <Choice
      label={t`With`}
      className="page-with"
      value={props.space.id}
      options={props.spaces.map((space) => ({ id: space.id, label: otherMembers(space, ours) }))}
      onChange={(id) => void navigate({ to: "/record/$space", params: { space: id } })}
    />
  );
}

function Space({ space }: { readonly space: RecordSpace }) {
  const { t } = useLingui();
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const [opened, setOpened] = useState<Entry | null>(null);
  const [isVerifying, setVerifying] = useState(false);
  const read = useEntries(space, filter);
  const loaded = useMemo(() => read.data?.pages.flatMap((page) => page.entries) ?? [], [read.data]);
  const search = useDeferredValue(filter.search);
  const shown = useMemo(() => holding(loaded, search), [loaded, search]);
  const kinds = useMemo(() => kindsIn(loaded), [loaded]);
  return (
    <div className="page-parts">
      <div className="page-main">
        <Warnings space={space} />
        <Fold title={t`What is shown`} icon="settings">
          <Filters space={space} filter={filter} kinds={kinds} onChange={setFilter} />
        </Fold>
        {filter.thread !== null && (
          <Notice tone="unknown" icon="line" title={t`One thread`}>
            <Button onPress={() => setFilter({ ...filter, thread: null })}>
              {t`Back to the whole record`}
            </Button>
          </Notice>
        )}
        <Fold title={t`Write into the record`} icon="open">
          <Remark space={space} thread={filter.thread} />
        </Fold>
        {read.isPending && <Empty icon="aside" title={t`Loading the entries`} isWaiting />}
        <Problem error={read.error} />
        {read.isSuccess && shown.length === 0 && (
          <Empty
            icon="aside"
            title={filter === NO_FILTER ? t`No entry yet` : t`Nothing of this kind`}
          />
        )}
        <Timeline
          space={space}
          entries={shown}
          isModal={opened !== null || isVerifying}
          onOpen={setOpened}
          onThread={(thread) => setFilter({ ...NO_FILTER, thread })}
        />
        {read.hasNextPage && (
          <Button isDisabled={read.isFetchingNextPage} onPress={() => void read.fetchNextPage()}>
            {t`Show older entries`}
          </Button>
        )}
      </div>
      <aside className="page-side" aria-label={t`Logs`}>
        <LogsCard space={space} onVerify={() => setVerifying(true)} />
        <Files space={space} />
        <p className="soft small record-keys">
          <Trans>
            Keys: <kbd>J</kbd> and <kbd>K</kbd> or the arrows go through the entries,{" "}
            <kbd>Enter</kbd> opens one.
          </Trans>
        </p>
      </aside>
      {opened !== null && (
        <EntrySheet entry={opened} space={space} onClose={() => setOpened(null)} />
      )}
      {isVerifying && <VerifySheet space={space} onClose={() => setVerifying(false)} />}
    </div>
  );
}

/** Entries as filtered, read anew whenever a log has grown or a receipt has come. */
function useEntries(space: RecordSpace, filter: Filter) {
  const { party, kind, thread, is_set_aside } = filter;
  const asked = { space: space.id, party, kind, thread, is_set_aside };
  const growth = space.logs
    .map(({ size, held }) => [size, ...held.map((each) => each.size)].join("."))
    .join(" ");
  return useInfiniteQuery({
    queryKey: ["entries", space.id, asked, growth],
    queryFn: async ({ pageParam }) => readEntries(asked, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}
