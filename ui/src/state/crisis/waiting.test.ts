import { expect, test } from "vitest";

import type { Account, Assessment, Crisis, Fact, Readout, Statement } from "../../api/crisis-types";
import type { PartyId } from "../../api/types";
import { nextStep, waitingOf } from "./waiting";

const OURS = "ours" as PartyId;
const THEIRS = "theirs" as PartyId;

function said(hash: string, part: Partial<Statement>): Statement {
  return {
    hash,
    party: THEIRS,
    state: "standing",
    disputes: null,
    texts: [],
    ...part,
  } as Statement;
}

function fact(hash: string, by: PartyId, state: Fact["state"] = "proposed"): Fact {
  return { hash, state, texts: [], claim: null, signed: [[by, hash, ""]], is_quotable: false };
}

function account(party: PartyId, part: Partial<Account> = {}): Account {
  return {
    party,
    seal: "",
    sealed_at: "",
    shown: null,
    shown_at: null,
    is_awaited: false,
    ...part,
  };
}

function assessment(part: Partial<Assessment>): Assessment {
  const none = { accounts: [], adoptions: [], readouts: [], sheet_hash: null };
  return { state: "timeline", is_after_deadline: false, ...none, ...part } as unknown as Assessment;
}

test("what they said and nobody answered waits, facts before requests before claims", () => {
  const crisis = {
    facts: [fact("f1", THEIRS), fact("f2", OURS), fact("f3", THEIRS, "agreed")],
    statements: [
      said("c1", { kind: "claim" }),
      said("c2", { kind: "claim", disputes: "ours" }),
      said("r1", { kind: "request" }),
      said("o1", { kind: "offer", state: "taken_up" }),
      said("r2", { kind: "request", party: OURS }),
    ],
  } as unknown as Crisis;
  expect(waitingOf(crisis, OURS).map(({ hash, wanted }) => `${hash} ${wanted}`)).toEqual([
    "f1 sign",
    "r1 reply",
    "c1 look",
  ]);
});

test.each([
  ["seal", {}],
  ["they_seal", { accounts: [account(OURS)] }],
  ["decide", { accounts: [account(OURS)], is_after_deadline: true }],
  ["nodes_show", { state: "accounts_sealed", accounts: [account(OURS), account(THEIRS)] }],
  [
    "they_show",
    {
      state: "accounts_sealed",
      accounts: [account(OURS, { shown: [] }), account(THEIRS, { is_awaited: true })],
    },
  ],
  ["write", { state: "revealed" }],
  ["write", { state: "published" }],
  ["brackets", { state: "joint_draft" }],
  ["adopt", { state: "joint_draft", sheet_hash: "aa" }],
  ["read_out", { state: "adopted" }],
  ["read_out", { state: "ended_without_joint_text" }],
] as const)("the next step is %s", (step, part) => {
  expect(nextStep(assessment(part as Partial<Assessment>), OURS)).toBe(step);
});

test("once we have done it, the step is theirs, and at last nobody's", () => {
  const adoptions = [{ party: OURS, sheet: "aa", at: "", is_current: true }];
  const sheet = assessment({ state: "joint_draft", sheet_hash: "aa", adoptions });
  expect(nextStep(sheet, OURS)).toBe("they_adopt");
  const readout = (party: PartyId): Readout => ({
    hash: party,
    party,
    texts: [],
    public_from: "",
    at: "",
    state: "announced",
    held_at: null,
    free_at: null,
    is_short: false,
  });
  const over = (...by: readonly PartyId[]) =>
    nextStep(assessment({ state: "adopted", readouts: by.map(readout) }), OURS);
  expect([over(OURS), over(OURS, THEIRS)]).toEqual(["they_read_out", "over"]);
});
