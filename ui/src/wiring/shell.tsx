import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";

import { readSelf } from "../api/node";
import type { Self } from "../api/types";
import { hasChosenAppearance, show } from "../components/appearance";
import { ProblemError } from "../errors";
import { hasChosenLanguage, speak, withWords } from "../i18n";
import { languageFor } from "../i18n/languages";
import { giveTo } from "../state/drawer";
import { Frame } from "../views/frame";
import { SignInPage } from "../views/sign-in/sign-in-page";
import { FaultWall } from "../views/watch/fault-wall";

/** Who is signed in; before any page reads what this tab keeps, it is theirs. */
async function readOwner(): Promise<Self> {
  const self = await readSelf();
  giveTo(sessionStorage, self.person.id);
  return self;
}

/** Asked for at once with every page: what rings is not fetched when it rings. */
const Ringing = lazy(async () => withWords(async () => import("./ringing")));

/** Signed in: the frame and the page. Not signed in: how to get in. */
export function Shell() {
  const self = useQuery({ queryKey: ["self"], queryFn: readOwner, staleTime: Infinity });
  const language = self.data?.person.language;
  useEffect(() => {
    if (language === undefined || hasChosenLanguage()) return;
    void speak(languageFor([language]));
  }, [language]);
  const appearance = self.data?.person.appearance;
  useEffect(() => {
    if (appearance === "light" || appearance === "dark") {
      if (!hasChosenAppearance()) show(appearance);
    }
  }, [appearance]);
  const isNobody = self.error instanceof ProblemError && self.error.status === 401;
  if (isNobody) return <SignInPage />;
  return (
    <Frame>
      <FaultWall instead={null}>
        <Suspense fallback={null}>
          <Ringing />
        </Suspense>
      </FaultWall>
      {(!self.isPending || self.failureCount > 0) && <Outlet />}
    </Frame>
  );
}
