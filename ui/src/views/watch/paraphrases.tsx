import { useLingui as useCatalogue } from "@lingui/react";

import type { Alert } from "../../api/alert-types";
import { languageName } from "../../i18n/languages";
import { Words } from "./marks";
import { PARAPHRASE_WORDS } from "./words";

/** How the reader understood an alert, in their own words, and its author's word on that. */
export function Paraphrases({ alert }: { readonly alert: Alert }) {
  const word = useParaphraseWord();
  return alert.paraphrases.map((each) => (
    <div key={each.hash} data-testid="paraphrase" data-word={each.word?.kind ?? "waiting"}>
      <h2 className="small soft">
        {word("understood")} · <bdi>{languageName(each.language)}</bdi>
      </h2>
      <Words text={each} />
      <p className="small">{word(each.word?.kind ?? "waiting")}</p>
      {each.word?.correction != null && (
        <>
          <h3 className="small soft">
            {word("meant")} · <bdi>{languageName(each.word.correction.language)}</bdi>
          </h3>
          <Words text={each.word.correction} />
        </>
      )}
    </div>
  ));
}

/** What is said of a paraphrase, by the code that the node gives it. */
export function useParaphraseWord(): (code: string) => string {
  const { _ } = useCatalogue();
  return (code) => {
    const words = PARAPHRASE_WORDS[code];
    return words === undefined ? code : _(words);
  };
}
