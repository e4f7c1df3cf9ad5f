import { useMutation } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";
import { Dialog, DialogTrigger, Popover } from "react-aria-components";

import { keepTaste } from "../api/node";
import { type Appearance, keepAppearance, readAppearance, show } from "../components/appearance";
import { Button } from "../components/button";
import { Choice } from "../components/choice";
import { useIsFolded, useIsNamed, useIsNarrow } from "../components/narrow";
import { useNow } from "../components/now";
import { useFormat } from "../i18n/format";
import { keepLanguage, speak } from "../i18n";
import { LANGUAGES, languageFor } from "../i18n/languages";
import { useDesk } from "./desk/context";
import { DuressBanner } from "./duress-banner";
import { GlassBanner } from "./glass-banner";
import { useLeaving } from "./leave";
import { TroubleBanner } from "./trouble-banner";
import { foremostRole } from "../state/desk/role";
import { ROLE_WORDS } from "./words";
import "./frame.css";

/** What stands above every page: whose node, who is signed in, what time it is here. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const { leave, question } = useLeaving();
  return (
    <>
      <a className="skip" href="#main">
        <Trans>To the content</Trans>
      </a>
      <header className="frame">
        <Home />
        <Pages />
        <Clock />
        <Acts onLeave={leave} />
      </header>
      {question}
      <TroubleBanner />
      <GlassBanner />
      <DuressBanner />
      {children}
    </>
  );
}

/** Where the header has no room for it, what is seldom needed stands in a menu of its own. */
function Acts({ onLeave }: { readonly onLeave: () => void }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const isNarrow = useIsNarrow();
  const isFolded = useIsFolded();
  const isNamed = useIsNamed();
  const acts = (
    <>
      {isNarrow && <PageLinks />}
      <LanguageChoice />
      <AppearanceChoice />
      <Person onLeave={onLeave} />
    </>
  );
  if (!isFolded) return <div className="frame-acts">{acts}</div>;
  const name = self?.person.name ?? "";
  const menu = isNarrow ? t`Pages and settings` : t`Settings`;
  return (
    <DialogTrigger>
      {!isNamed || name === "" ? (
        <Button weight="quiet" icon="settings" isIconOnly>
          {menu}
        </Button>
      ) : (
        <Button
          weight="quiet"
          icon="settings"
          className="frame-me"
          aria-label={t`${name}: settings`}
          dir="auto"
        >
          {name}
        </Button>
      )}
      <Popover className="popover" placement="bottom end">
        <Dialog className="frame-menu" aria-label={menu}>
          {acts}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function Home() {
  const { self } = useDesk();
  return (
    <p className="frame-home">
      <Link to="/" className="frame-mark">
        <img src="/mark.svg" alt="" width="28" height="28" />
        <span className="frame-name">Parley</span>
      </Link>
      {self !== null && (
        <span className="frame-party" dir="auto" title={self.party.name}>
          {self.party.name}
        </span>
      )}
    </p>
  );
}

/** The ways between the pages; on a phone they stand in the menu. */
function Pages() {
  return useIsNarrow() ? null : <PageLinks />;
}

/** Pages one comes to from the watch; they have no tab of their own. */
const OF_WATCH: readonly string[] = ["/checks", "/contacts"];

function PageLinks() {
  const { t } = useLingui();
  const { self } = useDesk();
  const { pathname } = useLocation();
  const isOfWatch = OF_WATCH.some((page) => pathname.startsWith(page));
  if (self === null) return null;
  return (
    <nav className="frame-pages" aria-label={t`Pages`}>
      {self.may.includes("alert.read") && (
        <Link to="/watch" className={isOfWatch ? "active" : undefined}>
          <Trans>Watch</Trans>
        </Link>
      )}
      <Link to="/" activeOptions={{ exact: true }}>
        <Trans>Desk</Trans>
      </Link>
      <Link to="/record">
        <Trans>Record</Trans>
      </Link>
      {self.may.includes("crisis.read") && (
        <Link to="/crises">
          <Trans>Crises</Trans>
        </Link>
      )}
      {self.may.includes("notification.read") && (
        <Link to="/notifications">
          <Trans>Notifications</Trans>
        </Link>
      )}
      {self.may.includes("call.read") && (
        <Link to="/calls">
          <Trans>Calls</Trans>
        </Link>
      )}
      {self.may.includes("duty.read") && (
        <Link to="/duty">
          <Trans>Duty</Trans>
        </Link>
      )}
      {self.may.includes("people.read") && (
        <Link to="/people">
          <Trans>People</Trans>
        </Link>
      )}
      {self.may.includes("device.read") && (
        <Link to="/devices">
          <Trans>Devices</Trans>
        </Link>
      )}
    </nav>
  );
}

function Clock() {
  const { self, clock_offset_ms } = useDesk();
  const format = useFormat();
  const now = useNow() + clock_offset_ms;
  if (self === null) return <span />;
  const { time_zone } = self.party;
  return (
    <p className="frame-clock">
      <span className="unseen">
        <Trans>Our local time</Trans>
      </span>
      <span className="figures frame-time">{format.time(now, time_zone)}</span>
      <span className="soft small frame-date">
        {format.date(now, time_zone)} · {format.zone(time_zone, now)}
      </span>
    </p>
  );
}

/** The language of the page; the node is told, so that the next browser starts in it. */
export function LanguageChoice() {
  const { i18n } = useCatalogue();
  const { t } = useLingui();
  const tell = useMutation({ mutationFn: keepTaste });
  const { self } = useDesk();
  return (
    <Choice
      label={t`Language`}
      icon="language"
      isQuiet
      value={i18n.locale}
      options={LANGUAGES.map((language) => ({
        id: language.id,
        label: language.isDraft ? `${language.name} · ${t`draft`}` : language.name,
        lang: language.tag,
      }))}
      onChange={(id) => {
        const language = languageFor([id]);
        keepLanguage(language);
        void speak(language);
        if (self !== null) tell.mutate({ language: language.id });
      }}
    />
  );
}

function AppearanceChoice() {
  const { t } = useLingui();
  const { self } = useDesk();
  const tell = useMutation({ mutationFn: keepTaste });
  const [appearance, setAppearance] = useState(readAppearance);
  return (
    <Choice
      label={t`Appearance`}
      icon="appearance"
      className="frame-appearance"
      isQuiet
      value={appearance}
      options={[
        { id: "system", label: t`As the system` },
        { id: "light", label: t`Light` },
        { id: "dark", label: t`Dark` },
      ]}
      onChange={(id) => {
        setAppearance(id as Appearance);
        show(id as Appearance);
        keepAppearance(id as Appearance);
        if (self !== null) tell.mutate({ appearance: id });
      }}
    />
  );
}

function Person({ onLeave }: { readonly onLeave: () => void }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const { _ } = useCatalogue();
  if (self === null) return null;
  const foremost = foremostRole(self.roles) ?? self.person.role;
  const role = ROLE_WORDS[foremost];
  return (
    <div className="frame-person">
      <span className="frame-who">
        <span dir="auto">{self.person.name}</span>
        <span className="soft small">{role === undefined ? foremost : _(role)}</span>
      </span>
      <Button weight="quiet" icon="leave" isIconOnly onPress={onLeave}>
        {t`Sign out`}
      </Button>
    </div>
  );
}
