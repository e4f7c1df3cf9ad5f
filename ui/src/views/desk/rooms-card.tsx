import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { lazy, Suspense, useState } from "react";

import { doorOfRoom } from "../../api/doors";
import { closeRoom } from "../../api/node";
import type { Room } from "../../api/types";
import { Button } from "../../components/button";
import { Chip } from "../../components/chip";
import { ExerciseMark } from "../../components/exercise-mark";
import { Icon } from "../../components/icon";
import { Empty } from "../../components/notice";
import { Sheet } from "../../components/sheet";
import { useFormat } from "../../i18n/format";
import { Problem } from "../problem";
import { useDesk } from "./context";
import { OpenRoom } from "./open-room";

/** Opened seldom: who may enter is not loaded with the desk. */
const DoorCard = lazy(async () => import("../room/door-card"));

/** The rooms that are open, who is in them, and the way in. */
export function RoomsCard() {
  const { t } = useLingui();
  const { rooms, contact } = useDesk();
  const [isOpening, setOpening] = useState(false);
  const open = rooms?.filter((room) => room.state === "open") ?? [];
  return (
    <section className="card rooms" aria-labelledby="rooms-title">
      <header className="card-head">
        <h2 id="rooms-title" className="desk-title">
          <Trans>Rooms</Trans>
        </h2>
        <Button
          icon="open"
          weight={open.length === 0 ? "primary" : "plain"}
          data-testid="open-room"
          isDisabled={contact === "silent"}
          onPress={() => setOpening(true)}
        >
          {t`Open a room`}
        </Button>
      </header>
      {rooms === null && <Empty icon="room" title={t`Asking your node for its rooms`} isWaiting />}
      {rooms !== null && open.length === 0 && (
        <Empty icon="room" title={t`No room is open`}>
          <p>
            <Trans>Open one, and every party you choose sees it on its desk.</Trans>
          </p>
        </Empty>
      )}
      <ul className="rooms-list">
        {open.map((room) => (
          <RoomItem key={room.id} room={room} />
        ))}
      </ul>
      <OpenRoom isOpen={isOpening} onClose={() => setOpening(false)} />
    </section>
  );
}

function RoomItem({ room }: { readonly room: Room }) {
  const { t } = useLingui();
  const format = useFormat();
  const { self } = useDesk();
  const [isClosing, setClosing] = useState(false);
  const [isAtDoor, setAtDoor] = useState(false);
  const { title } = room;
  const opened = format.instant(room.opened_at, self?.party.time_zone ?? "UTC");
  const opener = room.opened_by.person_name;
  const party = room.opened_by.party.name;
  return (
    <li className="room" data-testid={`room-${room.id}`} aria-labelledby={`room-title-${room.id}`}>
      <h3 id={`room-title-${room.id}`}>
        {title} {room.is_restricted && <Chip tone="noted">{t`Named people alone`}</Chip>}
      </h3>
      {room.is_exercise && <ExerciseMark />}
      <p className="soft small">
        <Trans>
          Opened {opened} by {opener}, {party}
        </Trans>
      </p>
      <Attending room={room} />
      <div className="room-acts">
        <Link
          className="button button-primary"
          to="/rooms/$id/check"
          params={{ id: room.id }}
          preload="intent"
          data-testid="join-room"
        >
          <Icon name="next" />
          <span>
            <Trans>Join</Trans>
          </span>
          <span className="unseen">{title}</span>
        </Link>
        <Button
          weight="quiet"
          icon="people"
          data-testid="room-door"
          onPress={() => setAtDoor(true)}
          aria-label={t`Who may enter: ${title}`}
        >
          {t`Who may enter`}
        </Button>
        <Button
          weight="quiet"
          icon="close"
          data-testid="close-room"
          onPress={() => setClosing(true)}
          aria-label={t`Close ${title}`}
        >
          {t`Close`}
        </Button>
      </div>
      <CloseRoom room={room} isOpen={isClosing} onClose={() => setClosing(false)} />
      {isAtDoor && (
        <Sheet title={t`Who may enter: ${title}`} isOpen onClose={() => setAtDoor(false)}>
          {room.is_exercise && <ExerciseMark />}
          <Suspense>
            <DoorCard where={doorOfRoom(room.id)} />
          </Suspense>
        </Sheet>
      )}
    </li>
  );
}

function Attending({ room }: { readonly room: Room }) {
  return (
    <ul className="attending">
      {room.parties.map((party) => {
        const people = room.participants.filter((each) => each.party.id === party.id);
        return (
          <li key={party.id} className="attending-party">
            <span className="attending-name">{party.name}</span>
            {people.length === 0 ? (
              <span className="soft small">
                <Trans>nobody yet</Trans>
              </span>
            ) : (
              <span className="small">
                <Icon name="people" /> {people.map((each) => each.name).join(" · ")}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function CloseRoom(props: {
  readonly room: Room;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const { t } = useLingui();
  const { title, participants } = props.room;
  const count = participants.length;
  const close = useMutation({
    mutationFn: async () => closeRoom(props.room.id),
    onSuccess: props.onClose,
  });
  return (
    <Sheet title={t`Close ${title}?`} isOpen={props.isOpen} onClose={props.onClose} isQuestion>
      <p>
        {count === 0 ? (
          <Trans>Nobody is in it. It closes for every party.</Trans>
        ) : (
          <Plural
            value={count}
            one="# person is in it and will be put out. It closes for every party."
            other="# people are in it and will be put out. It closes for every party."
          />
        )}
      </p>
      <Problem error={close.error} />
      <div className="sheet-acts">
        <Button onPress={props.onClose} autoFocus>{t`Keep it open`}</Button>
        <Button
          weight="danger"
          icon="close"
          isDisabled={close.isPending}
          onPress={() => close.mutate()}
        >
          {t`Close the room`}
        </Button>
      </div>
    </Sheet>
  );
}
