import { useLingui as useCatalogue } from "@lingui/react";
import { useLingui } from "@lingui/react/macro";

import type { Crisis } from "../../api/crisis-types";
import { Button } from "../../components/button";
import { Notice } from "../../components/notice";
import { waitingOf } from "../../state/crisis/waiting";
import { useDesk } from "../desk/context";
import { Words } from "./parts";
import { WANTED_WORDS } from "./words";

const SHOWN_MAX = 5;

/** What they said and nobody here has answered, first of all; nothing when there is nothing. */
export function WaitingList(props: {
  readonly crisis: Crisis;
  readonly onSeek: (hash: string) => void;
}) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const { self } = useDesk();
  const waiting = self === null ? [] : waitingOf(props.crisis, self.party.id);
  const more = waiting.length - SHOWN_MAX;
  if (waiting.length === 0) return null;
  return (
    <Notice tone="fair" icon="next" title={t`Waits for our side`}>
      <ul className="crisis-waiting" data-testid="waiting">
        {waiting.slice(0, SHOWN_MAX).map((each) => (
          <li key={each.hash}>
            <Button data-testid={`seek-${each.wanted}`} onPress={() => props.onSeek(each.hash)}>
              {_(WANTED_WORDS[each.wanted])}
            </Button>
            <Words texts={each.texts} />
          </li>
        ))}
      </ul>
      {more > 0 && <p className="soft small">{t`And ${more} more below`}</p>}
    </Notice>
  );
}
