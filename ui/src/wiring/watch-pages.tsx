import { useParams, useSearch } from "@tanstack/react-router";

import { AlertPage } from "../views/watch/alert-page";
import { BellContext } from "../views/watch/bell";
import { DraftPage } from "../views/watch/draft-page";
import { WatchPage } from "../views/watch/watch-page";
import { WritePage } from "../views/watch/write-page";
import { bellActs } from "./bell";

/** The watch itself. */
export function WatchRoute() {
  return (
    <BellContext value={bellActs}>
      <WatchPage />
    </BellContext>
  );
}

/** One alert. */
export function AlertRoute() {
  const { alert } = useParams({ from: "/watch/alerts/$alert" });
  return <AlertPage key={alert} hash={alert} />;
}

/** One draft. */
export function DraftRoute() {
  const { draft } = useParams({ from: "/watch/drafts/$draft" });
  return <DraftPage key={draft} id={draft} />;
}

/** A new draft. */
export function WriteRoute() {
  const { supersedes } = useSearch({ from: "/watch/write" });
  return <WritePage key={supersedes ?? ""} supersedes={supersedes ?? null} />;
}

export { WatchPage };
