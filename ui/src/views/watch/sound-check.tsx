import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { PRECEDENCES } from "../../api/alert-types";
import { Button } from "../../components/button";
import { Toggle } from "../../components/choice";
import { Chip } from "../../components/chip";
import { Sheet } from "../../components/sheet";
import { useBell, useBellActs } from "./bell";
import { HEARING_WORDS, PRECEDENCE_WORDS } from "./words";

/** Whether this desk can be heard: said at all times, and loud when it cannot. */
export function SoundState({ onCheck }: { readonly onCheck: () => void }) {
  const { _ } = useCatalogue();
  const { t } = useLingui();
  const { hearing } = useBell();
  const isHeard = hearing === "heard";
  return (
    <div className="sound-state" data-testid="sound-state" data-hearing={hearing} role="status">
      <Chip tone={isHeard ? "good" : "poor"} icon={isHeard ? "speaker" : "warning"}>
        {_(HEARING_WORDS[hearing])}
      </Chip>
      <Button
        weight={isHeard ? "quiet" : "plain"}
        icon="speaker"
        data-testid="sound-check"
        onPress={onCheck}
      >
        {t`Sound check`}
      </Button>
    </div>
  );
}

/** What an officer does at the start of a watch: hear each pattern, and say that it was heard. */
export function SoundCheck({ onClose }: { readonly onClose: () => void }) {
  const { t } = useLingui();
  const { _ } = useCatalogue();
  const acts = useBellActs();
  const { hearing } = useBell();
  const [hasPlayed, setPlayed] = useState(false);
  const [isMuted, setMuted] = useState(hearing === "muted");
  return (
    <Sheet title={t`Sound check`} isOpen onClose={onClose}>
      <p>
        <Trans>
          Play each ring and listen. Only you can know whether it is heard in this room: no page
          sees the machine's own volume.
        </Trans>
      </p>
      <div className="sound-rings">
        {PRECEDENCES.map((precedence) => (
          <Button
            key={precedence}
            icon="speaker"
            data-testid={`play-${precedence}`}
            onPress={() => {
              setPlayed(true);
              void acts.try(precedence);
            }}
          >
            {_(PRECEDENCE_WORDS[precedence])}
          </Button>
        ))}
      </div>
      <Toggle
        isOn={isMuted}
        onChange={(isOn) => {
          setMuted(isOn);
          acts.bell.mute(isOn);
        }}
      >
        <Trans>Mute this desk: the other party is told that it was not heard here</Trans>
      </Toggle>
      <SoundFacts />
      <p className="soft small">
        <Trans>
          A machine that sleeps rings nobody. Leave the lid open, this tab open and the headset in.
        </Trans>
      </p>
      <div className="sheet-acts">
        <Button
          data-testid="not-heard"
          onPress={() => {
            acts.confirm(false);
            onClose();
          }}
        >
          {t`I did not hear it`}
        </Button>
        <Button
          weight="primary"
          icon="up"
          data-testid="heard"
          isDisabled={!hasPlayed}
          onPress={() => {
            acts.confirm(true);
            onClose();
          }}
        >
          {t`I heard it`}
        </Button>
      </div>
    </Sheet>
  );
}

/** What this browser grants, told and not guessed. */
function SoundFacts() {
  const { _ } = useCatalogue();
  const acts = useBellActs();
  const { hearing } = useBell();
  const notices = acts.notices();
  return (
    <dl className="pairs">
      <dt>
        <Trans>Sound of the browser</Trans>
      </dt>
      <dd>{_(HEARING_WORDS[hearing])}</dd>
      <dt>
        <Trans>Notices of the system</Trans>
      </dt>
      <dd>
        {notices === "granted" && <Trans>allowed</Trans>}
        {notices === "denied" && <Trans>refused: change it in the browser's settings</Trans>}
        {notices === "default" && <Trans>asked for when you play a ring</Trans>}
      </dd>
      <dt>
        <Trans>Screen kept on</Trans>
      </dt>
      <dd>{acts.isKeptAwake() ? <Trans>yes</Trans> : <Trans>no: the machine may sleep</Trans>}</dd>
      <dt>
        <Trans>Called to the other party</Trans>
      </dt>
      <dd>
        <bdi>{acts.desk}</bdi>
      </dd>
    </dl>
  );
}
