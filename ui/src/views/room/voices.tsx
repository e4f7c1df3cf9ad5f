import { useLingui } from "@lingui/react/macro";
import { useCallback, useEffect, useRef, useState } from "react";

import { Button } from "../../components/button";
import { useAttendance, useDevices } from "../attendance";

/** The loudest voices, one element per slot; and the act that some browsers ask for first. */
export function Voices() {
  const { t } = useLingui();
  const { streams } = useAttendance();
  const [elements] = useState(() => new Map<number, HTMLAudioElement>());
  const [isBlocked, setBlocked] = useState(false);
  const voices = (streams?.audio ?? []).map((stream, slot) => ({ slot, stream }));
  const onBlocked = useCallback(() => setBlocked(true), []);
  const allow = async () => {
    const played = [...elements.values()].map(async (element) => element.play());
    const results = await Promise.allSettled(played);
    setBlocked(results.some((result) => result.status === "rejected" && isRefusal(result.reason)));
  };
  return (
    <>
      {voices.map(({ slot, stream }) => (
        <Voice key={slot} slot={slot} stream={stream} register={elements} onBlocked={onBlocked} />
      ))}
      {isBlocked && (
        <div className="sound-blocked" role="alert">
          <Button weight="primary" icon="speaker" autoFocus onPress={() => void allow()}>
            {t`Turn on sound`}
          </Button>
        </div>
      )}
    </>
  );
}

function Voice(props: {
  readonly slot: number;
  readonly stream: MediaStream;
  readonly register: Map<number, HTMLAudioElement>;
  readonly onBlocked: () => void;
}) {
  const { slot, stream, register, onBlocked } = props;
  const { speaker } = useDevices().choices;
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = element.current;
    if (audio === null) return;
    register.set(slot, audio);
    if (audio.srcObject !== stream) audio.srcObject = stream;
    audio.play().catch((error: unknown) => {
      if (isRefusal(error)) onBlocked();
    });
    return () => {
      register.delete(slot);
    };
  }, [slot, stream, register, onBlocked]);
  useEffect(() => {
    const audio = element.current;
    return () => {
      // An element out of the page goes on playing its stream until it is let go.
      if (audio !== null) audio.srcObject = null;
    };
  }, []);
  useEffect(() => {
    const audio = element.current;
    if (audio === null || speaker === null || !("setSinkId" in audio)) return;
    // A speaker that is gone leaves the sound on the system's own.
    audio.setSinkId(speaker).catch(() => undefined);
  }, [speaker]);
  return <audio ref={element} data-slot={slot} autoPlay />;
}

/** Only a refusal needs the person; an element that was given another stream just goes on. */
function isRefusal(error: unknown): boolean {
  return error instanceof DOMException && error.name === "NotAllowedError";
}
