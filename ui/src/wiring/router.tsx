import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";

import { withWords } from "../i18n";
import { DeskPage } from "../views/desk/desk-page";
import { FaultPage, LostPage } from "../views/lost-page";
import { Shell } from "./shell";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: LostPage,
  errorComponent: FaultPage,
});
const desk = createRoute({ getParentRoute: () => root, path: "/", component: DeskPage });
const check = createRoute({
  getParentRoute: () => root,
  path: "/rooms/$id/check",
  component: lazyRouteComponent(
    async () => withWords(async () => import("./room-pages")),
    "CheckRoute",
  ),
});
const room = createRoute({
  getParentRoute: () => root,
  path: "/rooms/$id",
  component: lazyRouteComponent(
    async () => withWords(async () => import("./room-pages")),
    "RoomRoute",
  ),
});
const record = createRoute({
  getParentRoute: () => root,
  path: "/record",
  component: lazyRouteComponent(
    async () => withWords(async () => import("./record-pages")),
    "RecordRoute",
  ),
});
const space = createRoute({
  getParentRoute: () => root,
  path: "/record/$space",
  component: lazyRouteComponent(
    async () => withWords(async () => import("./record-pages")),
    "SpaceRoute",
  ),
});
const people = createRoute({
  getParentRoute: () => root,
  path: "/people",
  component: lazyRouteComponent(
    async () => withWords(async () => import("./people-pages")),
    "PeoplePage",
  ),
});
const devices = createRoute({
  getParentRoute: () => root,
  path: "/devices",
  component: lazyRouteComponent(
    async () => withWords(async () => import("./people-pages")),
    "DevicesPage",
  ),
});
const trail = createRoute({
  getParentRoute: () => root,
  path: "/trail",
  component: lazyRouteComponent(
    async () => withWords(async () => import("./people-pages")),
    "TrailPage",
  ),
});
const agreement = createRoute({
  getParentRoute: () => root,
  path: "/lines/$party/agreement",
  component: lazyRouteComponent(
    async () => withWords(async () => import("./people-pages")),
    "AgreementRoute",
  ),
});

const watch = createRoute({
  getParentRoute: () => root,
  path: "/watch",
  component: lazyRouteComponent(loadWatch, "WatchRoute"),
});
const write = createRoute({
  getParentRoute: () => root,
  path: "/watch/write",
  /** The alert that the new one takes the place of, if it does. */
  validateSearch: (search): { readonly supersedes?: string } =>
    typeof search["supersedes"] === "string" ? { supersedes: search["supersedes"] } : {},
  component: lazyRouteComponent(loadWatch, "WriteRoute"),
});
const draft = createRoute({
  getParentRoute: () => root,
  path: "/watch/drafts/$draft",
  component: lazyRouteComponent(loadWatch, "DraftRoute"),
});
const alert = createRoute({
  getParentRoute: () => root,
  path: "/watch/alerts/$alert",
  component: lazyRouteComponent(loadWatch, "AlertRoute"),
});

const notifications = createRoute({
  getParentRoute: () => root,
  path: "/notifications",
  component: lazyRouteComponent(loadPapers, "NotificationsPage"),
});
const types = createRoute({
  getParentRoute: () => root,
  path: "/notifications/types",
  component: lazyRouteComponent(loadPapers, "TypesPage"),
});
const notification = createRoute({
  getParentRoute: () => root,
  path: "/notifications/$hash",
  component: lazyRouteComponent(loadPapers, "NotificationRoute"),
});
const paper = createRoute({
  getParentRoute: () => root,
  path: "/notifications/drafts/$id",
  component: lazyRouteComponent(loadPapers, "DraftRoute"),
});
const calls = createRoute({
  getParentRoute: () => root,
  path: "/calls",
  component: lazyRouteComponent(loadPapers, "CallsPage"),
});
const call = createRoute({
  getParentRoute: () => root,
  path: "/calls/$hash",
  component: lazyRouteComponent(loadPapers, "CallRoute"),
});

const duty = createRoute({
  getParentRoute: () => root,
  path: "/duty",
  component: lazyRouteComponent(
    async () => withWords(async () => import("./duty-pages")),
    "DutyPage",
  ),
});
const plan = createRoute({
  getParentRoute: () => root,
  path: "/duty/plan",
  component: lazyRouteComponent(
    async () => withWords(async () => import("./duty-pages")),
    "PlanPage",
  ),
});

const lineChecks = createRoute({
  getParentRoute: () => root,
  path: "/checks",
  component: lazyRouteComponent(
    async () => withWords(async () => import("./check-pages")),
    "ChecksPage",
  ),
});

const contacts = createRoute({
  getParentRoute: () => root,
  path: "/contacts",
  component: lazyRouteComponent(
    async () => withWords(async () => import("./contact-pages")),
    "ContactsPage",
  ),
});

const crises = createRoute({
  getParentRoute: () => root,
  path: "/crises",
  component: lazyRouteComponent(loadCrises, "CrisesPage"),
});
const crisis = createRoute({
  getParentRoute: () => root,
  path: "/crises/$hash",
  component: lazyRouteComponent(loadCrises, "CrisisRoute"),
});
const assessment = createRoute({
  getParentRoute: () => root,
  path: "/crises/$hash/assessment",
  component: lazyRouteComponent(loadCrises, "AssessmentRoute"),
});

/** The pages and their addresses. All that knows WebRTC is loaded only on the way to a room. */
export const router = createRouter({
  routeTree: root.addChildren([
    desk,
    check,
    room,
    record,
    space,
    people,
    devices,
    trail,
    agreement,
    watch,
    write,
    draft,
    alert,
    lineChecks,
    contacts,
    duty,
    plan,
    notifications,
    types,
    notification,
    paper,
    calls,
    call,
    crises,
    crisis,
    assessment,
  ]),
  defaultPreload: "intent",
  defaultPendingMs: 300,
});

async function loadWatch() {
  return withWords(async () => import("./watch-pages"));
}

async function loadCrises() {
  return withWords(async () => import("./crisis-pages"));
}

async function loadPapers() {
  return withWords(async () => import("./paper-pages"));
}

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
