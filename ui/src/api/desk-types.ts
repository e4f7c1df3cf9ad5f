/** What the node tells the desk without being asked, exactly as on the wire. */
import type { BrokenGlass, DuressCall } from "./people-types";
import type { RecordSpace } from "./record-types";
import type { InstantText, Line, Room, Self } from "./types";

/** Frames of `WS /api/desk`, node to page. */
export type DeskFrame =
  | { readonly type: "self"; readonly self: Self }
  | { readonly type: "lines"; readonly lines: readonly Line[] }
  | { readonly type: "rooms"; readonly rooms: readonly Room[] }
  | { readonly type: "record"; readonly spaces: readonly RecordSpace[] }
  | { readonly type: "break_glass"; readonly lent: readonly BrokenGlass[] }
  | { readonly type: "duress"; readonly calls: readonly DuressCall[] }
  /** Something about an alert, a draft or a limit is new: it is asked for again. */
  | { readonly type: "alerts"; readonly number: number }
  | ({ readonly type: "node" } & NodeState)
  | { readonly type: "beat"; readonly at: InstantText };

/** What keeps the node from keeping its word, and when it was last copied. */
export interface NodeState {
  /** Codes, the gravest first; empty while all is well. */
  readonly troubles: readonly string[];
  /** When the newest backup that was proved was made; null if none is known of. */
  readonly backup_at: InstantText | null;
}
