/**
 * Checks an exported record in a browser, alone: what `src/parley/verify.py` does, written again.
 *
 * It shares no code with what writes the record, nor with the other verifier; `protocol/record.md`
 * is what all of them follow, and `protocol/vectors/record` holds exports of which both must give
 * one account, word for word. Nothing here knows a page: it runs in a Worker, in a test, anywhere.
 *
 * What is shown of each log: that its party signed it as it is here, entry for entry; who else held
 * it, up to where and when by their own clock; what the other logs say about having seen it; and
 * whether the times its party wrote agree with the times it signed. What is not shown: that the
 * party ids are those of whom one thinks. For that, compare them, or name the trusted ones.
 */
import { accountOf } from "./account";
import type { Source } from "./archive";
import { checkAssertions } from "./assertions";
import { RecordContents, type OnProgress } from "./contents";
import { checkCrises } from "./crises";
import { checkEvidence } from "./evidence";
import { Logs } from "./logs";
import type { Account } from "./told";
import { checkHeads, checkParties, checkTimes } from "./together";

/** What a check may be told. */
export interface VerifyOptions {
  /** Ids of the parties that the reader trusts; without any, none is asked for. */
  readonly trusted?: ReadonlySet<string>;
  /** Lists every entry, however many. */
  readonly lists_all?: boolean;
  readonly onProgress?: OnProgress;
}

/** The account of an export; throws `UnreadableExport` where the file is none. */
export async function verify(source: Source, options: VerifyOptions = {}): Promise<Account> {
  const contents = await RecordContents.open(source, options.onProgress ?? (() => undefined));
  const logs = new Logs(contents, options.lists_all ?? false);
  await logs.read();
  checkHeads(contents, logs);
  checkTimes(contents, logs);
  const asserted = await checkAssertions(contents, logs);
  const crises = checkCrises(contents, logs, asserted);
  await checkEvidence(contents, logs);
  checkParties(contents, logs, options.trusted ?? new Set());
  for (const name of contents.unused) {
    contents.findings.wrong("file_unknown", name, `${name} does not belong into an export.`);
  }
  return accountOf(contents, logs, asserted, crises);
}
