import { useLingui as useCatalogue } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { msg } from "@lingui/core/macro";
import type { MessageDescriptor } from "@lingui/core";
import { useCallback, useEffect, useRef } from "react";

import type { Withheld } from "../../api/types";
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import type { Narrows, Tile } from "../../state/room/tiles";
import { useAttendance, useDevices } from "../attendance";
import { OwnPicture } from "../own-picture";
import type { Measure } from "./watch";

const WITHHELD_WORDS: Readonly<Record<Withheld, MessageDescriptor>> = {
  rate: msg`Picture withheld: the line is too slow for it now`,
  paused: msg`Picture paused: nobody looked at it`,
  muted: msg`Camera off`,
  own_way: msg`Picture withheld: your connection to your node is too slow for it now`,
};
const REDUCED_WORDS: Readonly<Record<Narrows, MessageDescriptor>> = {
  rate: msg`Reduced picture: the line is slow`,
  own_way: msg`Reduced picture: your connection to your node is slow`,
};

/** One person or one shared screen. */
export function TileView(props: {
  readonly tile: Tile;
  readonly measure: Measure;
  readonly isPinned: boolean;
  readonly onPin: () => void;
}) {
  const { t } = useLingui();
  const { tile, measure } = props;
  const { participant } = tile;
  const place = useCallback(
    (element: HTMLElement | null) => measure(tile.key, element),
    [measure, tile.key],
  );
  const who = participant.name;
  return (
    <li
      ref={place}
      className="tile"
      data-speaking={tile.isSpeaking}
      data-kind={tile.kind}
      data-self={participant.is_self}
    >
      <Face tile={tile} />
      <Picture tile={tile} />
      <WhyNot tile={tile} />
      <p className="plate tile-name">
        {tile.kind === "screen" && (
          <>
            <Icon name="screen" />
            <span className="unseen">{t`Shared screen`}</span>
          </>
        )}
        {tile.kind === "camera" && <Voice tile={tile} />}
        <bdi className="tile-who">{who}</bdi>
        {participant.is_self && (
          <span className="tile-soft tile-you">
            <Trans>(you)</Trans>
          </span>
        )}
        <bdi className="tile-soft tile-party">{participant.party.name}</bdi>
      </p>
      {!participant.is_self && (
        <Button
          className="tile-pin"
          weight="quiet"
          icon="pin"
          isIconOnly
          aria-pressed={props.isPinned}
          onPress={props.onPin}
        >
          {props.isPinned ? t`Let ${who} go from the middle` : t`Keep ${who} in the middle`}
        </Button>
      )}
    </li>
  );
}

function Voice({ tile }: { readonly tile: Tile }) {
  const { t } = useLingui();
  if (tile.isSilent) {
    return (
      <span className="tile-voice">
        <Icon name="microphone_off" />
        <span className="unseen">{t`Muted`}</span>
      </span>
    );
  }
  return (
    <span className="tile-voice" data-speaking={tile.isSpeaking}>
      <Icon name={tile.isSpeaking ? "speaker" : "microphone"} />
      <span className="unseen">{tile.isSpeaking ? t`Speaking` : t`Microphone on`}</span>
    </span>
  );
}

/** What stands in a tile until a picture covers it. */
function Face({ tile }: { readonly tile: Tile }) {
  const initials = tile.participant.name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => String.fromCodePoint(word.codePointAt(0) ?? 32))
    .join("");
  return (
    <div className="tile-face" aria-hidden="true">
      <span>{initials}</span>
    </div>
  );
}

function Picture({ tile }: { readonly tile: Tile }) {
  const { t } = useLingui();
  const { streams, mine } = useAttendance();
  const { camera } = useDevices();
  const { picture, participant, track } = tile;
  const who = participant.name;
  if (picture.is === "own") {
    const isOn = mine.camera && camera.track !== null && tile.kind === "camera";
    return isOn && camera.track !== null ? (
      <OwnPicture track={camera.track} label={t`Your own picture`} />
    ) : null;
  }
  if (picture.is === "off" || picture.is === "coming" || track === null) return null;
  const label = tile.kind === "screen" ? t`Screen of ${who}` : t`Picture of ${who}`;
  return (
    <RemotePicture
      track={track.id}
      stream={streams?.video[picture.slot] ?? null}
      label={label}
      isWithheld={picture.is === "withheld"}
    />
  );
}

function RemotePicture(props: {
  readonly track: string;
  readonly stream: MediaStream | null;
  readonly label: string;
  readonly isWithheld: boolean;
}) {
  const { stream } = props;
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (video === null) return;
    video.srcObject = stream;
    return () => {
      // An element out of the page goes on decoding its stream until it is let go.
      video.srcObject = null;
    };
  }, [stream]);
  return (
    <video
      ref={element}
      className="picture"
      data-track={props.track}
      data-withheld={props.isWithheld}
      autoPlay
      playsInline
      muted
      aria-label={props.label}
    />
  );
}

function WhyNot({ tile }: { readonly tile: Tile }) {
  const { _ } = useCatalogue();
  const { standing } = useAttendance();
  const { picture } = tile;
  // While the call is cut nothing comes, and the reason stands above the stage.
  if (standing.state !== "live") return null;
  if (picture.is === "coming" || (picture.is === "shown" && picture.layer === null)) {
    return (
      <p className="plate tile-why">
        <Trans>Picture is coming</Trans>
      </p>
    );
  }
  if (picture.is === "shown" && picture.reducedBy !== null) {
    return <p className="plate tile-why">{_(REDUCED_WORDS[picture.reducedBy])}</p>;
  }
  if (picture.is !== "withheld") return null;
  return <p className="plate tile-why">{_(WITHHELD_WORDS[picture.reason])}</p>;
}
