import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useRef, useState } from "react";
import { FileTrigger } from "react-aria-components";

import { attachFile, eraseFile, fileAddress } from "../../api/attachments";
import { readEntries } from "../../api/record";
import type { Entry, RecordSpace } from "../../api/record-types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { useFormat } from "../../i18n/format";
import { Question } from "../../components/question";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import { BothTimes } from "./both-times";

/** Kinds of entries, as in protocol/kinds.toml. */
const ERASURE = 11;
const ATTACHMENT = 12;
const ASK_EVERY_MS = 10_000;

/** The files of a record: attached with their progress, fetched, and what was erased. */
export function Files({ space }: { readonly space: RecordSpace }) {
  const { self } = useDesk();
  const may = (act: string) => self?.may.includes(act) ?? false;
  const read = useQuery({
    queryKey: ["entries", space.id, "files"],
    queryFn: async () => {
      const asked = { space: space.id, party: null, thread: null, is_set_aside: false };
      const [files, erased] = await Promise.all(
        [ATTACHMENT, ERASURE].map(async (kind) => readEntries({ ...asked, kind }, null)),
      );
      return { files: files?.entries ?? [], erased: erased?.entries ?? [] };
    },
    refetchInterval: ASK_EVERY_MS,
  });
  const files = read.data?.files ?? [];
  return (
    <section className="card files" aria-labelledby="files-title">
      <h2 id="files-title" className="desk-title">
        <Trans>Files</Trans>
      </h2>
      {may("record.attach") && <Attach space={space} />}
      <Problem error={read.error} />
      {read.isSuccess && files.length === 0 && (
        <p className="soft">
          <Trans>No file is attached.</Trans>
        </p>
      )}
      <ul className="files-list">
        {files.map((entry) => (
          <FileItem
            key={entry.hash}
            entry={entry}
            erased={(read.data?.erased ?? []).filter(({ refs }) => refs.includes(entry.hash))}
            mayFetch={may("record.fetch")}
            mayErase={may("record.erase")}
            ofCase={files.filter(({ sealed }) => sealed?.key === entry.sealed?.key)}
          />
        ))}
      </ul>
      <p className="small soft">
        <Trans>
          A releaser erases a file here with a passkey, or the engineer with{" "}
          <code>parley record erase</code>. Each party erases its own copy of the key, and the entry
          stays.
        </Trans>
      </p>
    </section>
  );
}

function Attach({ space }: { readonly space: RecordSpace }) {
  const { t } = useLingui();
  const format = useFormat();
  const queries = useQueryClient();
  const [share, setShare] = useState(0);
  const [isStopped, setStopped] = useState(false);
  const stop = useRef<AbortController | null>(null);
  const attach = useMutation({
    mutationFn: async (file: File) => {
      setShare(0);
      setStopped(false);
      const stopping = new AbortController();
      stop.current = stopping;
      return attachFile(space.id, file, setShare, stopping.signal);
    },
    onSuccess: async () => queries.invalidateQueries({ queryKey: ["entries", space.id] }),
  });
  const told = format.share(share);
  return (
    <>
      <div className="files-acts">
        <FileTrigger
          onSelect={(chosen) => {
            const file = chosen?.[0];
            if (file !== undefined) attach.mutate(file);
          }}
        >
          <Button icon="open" data-testid="attach" isDisabled={attach.isPending}>
            {t`Attach a file`}
          </Button>
        </FileTrigger>
        {attach.isPending && (
          <Button
            weight="quiet"
            icon="close"
            onPress={() => {
              setStopped(true);
              stop.current?.abort();
            }}
          >
            {t`Stop`}
          </Button>
        )}
      </div>
      {attach.isPending && (
        <label className="files-progress">
          <span>{t`Sealing and keeping: ${told}`}</span>
          <progress max={1} value={share} />
        </label>
      )}
      <Problem error={isStopped ? null : attach.error} />
    </>
  );
}

function FileItem(props: {
  readonly entry: Entry;
  readonly erased: readonly Entry[];
  readonly mayFetch: boolean;
  readonly mayErase: boolean;
  /** Every file that the same key seals, this one among them. */
  readonly ofCase: readonly Entry[];
}) {
  const { t } = useLingui();
  const format = useFormat();
  const { entry, erased, mayFetch } = props;
  const state = entry.sealed?.state ?? "here";
  const size = format.bytes(entry.sealed?.size ?? 0);
  const place = format.number(entry.index);
  const isErased = state === "erased";
  return (
    <li className="files-item" data-testid="file" data-state={state}>
      <span>
        <bdi>{entry.party.name}</bdi> · {t`Entry ${place}`} · <bdi className="figures">{size}</bdi>
      </span>
      {entry.written_at !== null && <BothTimes at={entry.written_at} parties={[entry.party.id]} />}
      <FileState state={state} />
      {erased.map((each) => {
        const party = each.party.name;
        const at = format.number(each.index);
        return (
          <span key={each.hash} className="small">
            {t`Proof: entry ${at} in the log of ${party}`} <code>{each.hash.slice(0, 12)}</code>
          </span>
        );
      })}
      {mayFetch && !isErased && state === "here" && (
        <a className="button" href={fileAddress(entry.hash)} download data-testid="fetch">
          <Trans>Fetch it</Trans>
        </a>
      )}
      {props.mayErase && !isErased && <Erase entry={entry} ofCase={props.ofCase} />}
    </li>
  );
}

/** What goes is named before it goes: a key seals a whole case, and none of it comes back. */
function Erase(props: { readonly entry: Entry; readonly ofCase: readonly Entry[] }) {
  const { t } = useLingui();
  const format = useFormat();
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const { entry, ofCase } = props;
  const place = format.number(entry.index);
  const erase = useBinding(eraseFile, () => {
    setAsking(false);
    void queries.invalidateQueries({ queryKey: ["entries", entry.space] });
  });
  return (
    <>
      <Button
        weight="danger"
        data-testid="erase"
        aria-label={t`Erase what entry ${place} seals`}
        onPress={() => setAsking(true)}
      >
        {t`Erase it`}
      </Button>
      {isAsking && (
        <Question
          title={t`Erase this file and its whole case?`}
          no={t`Keep it`}
          yes={t`Erase for good`}
          isDangerous
          isPending={erase.isPending}
          onNo={() => setAsking(false)}
          onYes={() => erase.run(entry.hash)}
        >
          <p>
            <Trans>
              The key of the case is deleted: nobody here can read these files again, and no backup
              of yours brings them back. The other party is told to do the same; that it does so is
              not proved. The entries stay, and say who erased what and when.
            </Trans>
          </p>
          <ul className="files-list" data-testid="erased-with">
            {ofCase.map((each) => {
              const at = format.number(each.index);
              return (
                <li key={each.hash}>
                  <bdi>{each.party.name}</bdi> · {t`Entry ${at}`} ·{" "}
                  <bdi className="figures">{format.bytes(each.sealed?.size ?? 0)}</bdi>
                </li>
              );
            })}
          </ul>
          <Problem error={erase.error} />
        </Question>
      )}
      {erase.sheet}
    </>
  );
}

function FileState({ state }: { readonly state: string }) {
  const { t } = useLingui();
  if (state === "erased") {
    return <Chip tone="unknown" icon="close">{t`Erased: nobody here can read it again`}</Chip>;
  }
  if (state === "wanted") return <Chip tone="fair" icon="turning">{t`Still coming`}</Chip>;
  if (state === "left") return <Chip tone="poor">{t`Left: larger than is taken`}</Chip>;
  return <Chip tone="good">{t`Here`}</Chip>;
}
