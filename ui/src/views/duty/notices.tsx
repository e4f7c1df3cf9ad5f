import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui as useCatalogue } from "@lingui/react";
import { useLingui } from "@lingui/react/macro";

import { readNotices, tryNoticeAgain } from "../../api/duty";
import type { DutyNotice } from "../../api/duty-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { Empty } from "../../components/notice";
import { useFormat } from "../../i18n/format";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { END_WORDS, NOTICE_TONES, NOTICE_WORDS, WHY_WORDS } from "./words";

const REFRESH_MS = 5_000;

/** Who was told of what, by which end, and what came of it. */
export function Notices({ mayTry }: { readonly mayTry: boolean }) {
  const { t } = useLingui();
  const read = useQuery({
    queryKey: ["notices"],
    queryFn: readNotices,
    refetchInterval: REFRESH_MS,
  });
  return (
    <section className="card people-card" aria-labelledby="notices-title">
      <h2 id="notices-title" className="desk-title">{t`Who was told`}</h2>
      <Problem error={read.error} />
      {read.isSuccess && read.data.length === 0 && (
        <Empty icon="aside" title={t`Nobody had to be told of anything yet`} />
      )}
      <ul className="people-list">
        {read.data?.map((notice) => (
          <NoticeItem key={notice.id} notice={notice} mayTry={mayTry} />
        ))}
      </ul>
    </section>
  );
}

function NoticeItem(props: { readonly notice: DutyNotice; readonly mayTry: boolean }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const format = useFormat();
  const { self } = useDesk();
  const queries = useQueryClient();
  const { notice } = props;
  const again = useMutation({
    mutationFn: tryNoticeAgain,
    onSuccess: async () => queries.invalidateQueries({ queryKey: ["notices"] }),
  });
  const kind = notice.end.split(":")[0] ?? "";
  const end = END_WORDS[kind];
  const why = WHY_WORDS[notice.why];
  const zone = self?.party.time_zone ?? "UTC";
  return (
    <li className="people-item">
      <div>
        <span>{end === undefined ? kind : _(end)}</span>{" "}
        <bdi>{notice.name ?? notice.end.slice(kind.length + 1)}</bdi>{" "}
        <Chip tone={NOTICE_TONES[notice.state]}>{_(NOTICE_WORDS[notice.state])}</Chip>
        <p className="small soft">
          {format.instant(notice.made_at, zone)} · {notice.words}
          {why !== undefined && ` · ${_(why)}`}
        </p>
        {notice.failure !== null && <p className="small">{notice.failure}</p>}
        <Problem error={again.error} />
      </div>
      {notice.state === "failed" && props.mayTry && (
        <Button isDisabled={again.isPending} onPress={() => again.mutate(notice.id)}>
          {t`Try again`}
        </Button>
      )}
    </li>
  );
}
