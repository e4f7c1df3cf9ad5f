import { useMutation } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { CheckboxGroup, FieldError, Form, Input, Label, TextField } from "react-aria-components";

import { openRoom } from "../../api/node";
import type { Line, PartyId } from "../../api/types";
import { Button } from "../../components/button";
import { CheckBox } from "../../components/choice";
import { Sheet } from "../../components/sheet";
import { Problem } from "../problem";
import { useDesk } from "./context";

/** Longest title that a tile and a desk still show in full. */
const TITLE_MAX = 120;

/** Asks for a title and the parties, then opens the room on every desk concerned. */
export function OpenRoom(props: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const { t } = useLingui();
  return (
    <Sheet title={t`Open a room`} isOpen={props.isOpen} onClose={props.onClose}>
      <OpenRoomForm onClose={props.onClose} />
    </Sheet>
  );
}

function OpenRoomForm({ onClose }: { readonly onClose: () => void }) {
  const { t } = useLingui();
  const [title, setTitle] = useState("");
  const [parties, setParties] = useState<readonly string[]>([]);
  const open = useMutation({
    mutationFn: async () => openRoom(title.trim(), parties as readonly PartyId[]),
    onSuccess: onClose,
  });
  return (
    <Form
      className="open-room"
      onSubmit={(event) => {
        event.preventDefault();
        if (title.trim() !== "") open.mutate();
      }}
    >
      <TextField
        className="field"
        isRequired
        maxLength={TITLE_MAX}
        value={title}
        onChange={setTitle}
        autoFocus
      >
        <Label className="field-label">
          <Trans>What it is about</Trans>
        </Label>
        <Input className="field-input" autoComplete="off" />
        <FieldError className="small" />
      </TextField>
      <PartyChoice value={parties} onChange={setParties} />
      <Problem error={open.error} />
      <div className="sheet-acts">
        <Button onPress={onClose}>{t`Not now`}</Button>
        <Button
          type="submit"
          weight="primary"
          icon="open"
          isDisabled={open.isPending || title.trim() === ""}
        >
          {t`Open the room`}
        </Button>
      </div>
    </Form>
  );
}

function PartyChoice(props: {
  readonly value: readonly string[];
  readonly onChange: (parties: readonly string[]) => void;
}) {
  const { lines, self } = useDesk();
  const choosable = (lines ?? []).filter((line) => line.state !== "unconfirmed");
  const own = self?.party.name ?? "";
  return (
    <CheckboxGroup className="field" value={[...props.value]} onChange={props.onChange}>
      <Label className="field-label">
        <Trans>Parties, in the order you choose them</Trans>
      </Label>
      <p className="soft small">
        <Trans>{own} comes first, as the one that opens it.</Trans>
      </p>
      {choosable.map((line) => (
        <PartyOption
          key={line.party.id}
          line={line}
          position={props.value.indexOf(line.party.id)}
        />
      ))}
      {choosable.length === 0 && (
        <p className="small">
          <Trans>No confirmed line yet: the room will be for your own party alone.</Trans>
        </p>
      )}
    </CheckboxGroup>
  );
}

function PartyOption({ line, position }: { readonly line: Line; readonly position: number }) {
  const isCut = line.state === "cut" || line.state === "cold";
  const place = position + 2;
  return (
    <CheckBox value={line.party.id}>
      {line.party.name}
      <span className="soft small">
        {position >= 0 && <> · {place}</>}
        {isCut && (
          <>
            {" · "}
            <Trans>not reachable now; it sees the room when the line is back</Trans>
          </>
        )}
      </span>
    </CheckBox>
  );
}
