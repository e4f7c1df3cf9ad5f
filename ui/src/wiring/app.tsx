import { i18n } from "@lingui/core";
import { I18nProvider, useLingui } from "@lingui/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { I18nProvider as AriaLocale } from "react-aria-components";

import { languageFor } from "../i18n/languages";
import type { DeskFeed } from "../state/desk/feed";
import { DeskContext } from "../views/desk/context";
import { router } from "./router";

const queries = new QueryClient({
  defaultOptions: {
    // The node is next door: a question that fails is asked again by whoever shows the answer.
    queries: { retry: 1, networkMode: "always", refetchOnWindowFocus: true },
    mutations: { networkMode: "always" },
  },
});

/** The whole page, wired once. */
export function App({ feed }: { readonly feed: DeskFeed }) {
  return (
    <QueryClientProvider client={queries}>
      <I18nProvider i18n={i18n}>
        <Locale>
          <DeskContext value={feed}>
            <RouterProvider router={router} />
          </DeskContext>
        </Locale>
      </I18nProvider>
    </QueryClientProvider>
  );
}

function Locale({ children }: { readonly children: ReactNode }) {
  const { i18n: active } = useLingui();
  return <AriaLocale locale={languageFor([active.locale]).locale}>{children}</AriaLocale>;
}
