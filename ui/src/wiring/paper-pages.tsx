import { useParams } from "@tanstack/react-router";

import { CallPage } from "../views/calls/call-page";
import { CallsPage } from "../views/calls/calls-page";
import { DraftPage } from "../views/notifications/draft-page";
import { NotificationPage } from "../views/notifications/notification-page";
import { NotificationsPage } from "../views/notifications/notifications-page";
import { TypesPage } from "../views/notifications/types-page";

/** One notification. */
export function NotificationRoute() {
  const { hash } = useParams({ from: "/notifications/$hash" });
  return <NotificationPage key={hash} hash={hash} />;
}

/** One draft of a notification. */
export function DraftRoute() {
  const { id } = useParams({ from: "/notifications/drafts/$id" });
  return <DraftPage key={id} id={id} />;
}

/** One call request. */
export function CallRoute() {
  const { hash } = useParams({ from: "/calls/$hash" });
  return <CallPage key={hash} hash={hash} />;
}

export { CallsPage, NotificationsPage, TypesPage };
