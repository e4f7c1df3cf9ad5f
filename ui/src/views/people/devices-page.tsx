import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Form, Input, Label, TextField } from "react-aria-components";

import { enrolPasskey, knowsPasskeys } from "../../api/passkey";
import { readDevices, revokeDevice } from "../../api/people";
import type { Device } from "../../api/people-types";
import { Button } from "../../components/button";
import { Toggle } from "../../components/choice";
import { Chip } from "../../components/chip";
import { Icon } from "../../components/icon";
import { Empty, Notice } from "../../components/notice";
import { Question } from "../../components/question";
import { Age } from "../desk/age";
import { useDesk } from "../desk/context";
import { Problem } from "../problem";
import { useBinding } from "../step-up";
import "../record/record.css";
import "./people.css";

const NAME_CHARACTERS_MAX = 60;

/** One's own browsers and passkeys: what lets one in, and how to end it. */
export function DevicesPage() {
  const { t } = useLingui();
  const read = useQuery({ queryKey: ["devices"], queryFn: readDevices });
  const passkeys = read.data?.filter((device) => device.kind === "passkey") ?? [];
  const browsers = read.data?.filter((device) => device.kind !== "passkey") ?? [];
  return (
    <main id="main" className="page people">
      <h1>{t`Devices and keys`}</h1>
      {read.isPending && (
        <Empty icon="device" title={t`Asking your node for your devices`} isWaiting />
      )}
      <Problem error={read.error} />
      {read.isSuccess && (
        <>
          <section className="card people-card" aria-labelledby="passkeys-title">
            <h2 id="passkeys-title" className="desk-title">
              <Trans>Passkeys</Trans>
            </h2>
            {passkeys.length === 0 && (
              <Notice tone="fair" icon="warning" title={t`You have no passkey yet.`}>
                <p>
                  <Trans>
                    Without one you need a new link each time, and acts that bind are closed to you.
                  </Trans>
                </p>
              </Notice>
            )}
            <DeviceList devices={passkeys} />
            <Enrol isFirst={passkeys.length === 0} />
          </section>
          <section className="card people-card" aria-labelledby="browsers-title">
            <h2 id="browsers-title" className="desk-title">
              <Trans>Browsers that are signed in</Trans>
            </h2>
            <DeviceList devices={browsers} />
          </section>
        </>
      )}
    </main>
  );
}

function DeviceList({ devices }: { readonly devices: readonly Device[] }) {
  return (
    <ul className="people-list">
      {devices.map((device) => (
        <DeviceItem key={device.id} device={device} />
      ))}
    </ul>
  );
}

function DeviceItem({ device }: { readonly device: Device }) {
  const { t } = useLingui();
  const [isAsking, setAsking] = useState(false);
  const queries = useQueryClient();
  const { name } = device;
  const revoke = useBinding(revokeDevice, () => {
    setAsking(false);
    void queries.invalidateQueries({ queryKey: device.is_this ? [] : ["devices"] });
  });
  return (
    <li className="people-item" data-testid={`device-${device.id}`}>
      <div>
        <p>
          <Icon name={device.kind === "passkey" ? "pin" : "device"} /> <strong>{name}</strong>{" "}
          {device.is_this && <Chip tone="noted" icon="device">{t`This one`}</Chip>}
        </p>
        <p className="small soft">
          {device.seen_at === null ? (
            <Trans>not used yet</Trans>
          ) : (
            <Trans>
              last used <Age at={device.seen_at} />
            </Trans>
          )}
        </p>
      </div>
      <Button weight="danger" aria-label={t`Revoke ${name}`} onPress={() => setAsking(true)}>
        {t`Revoke`}
      </Button>
      {isAsking && (
        <Question
          title={t`Revoke ${name}?`}
          no={t`Keep it`}
          yes={t`Revoke`}
          isDangerous
          isPending={revoke.isPending}
          onNo={() => setAsking(false)}
          onYes={() => revoke.run(device.id)}
        >
          <p>
            {device.is_this ? (
              <Trans>This is where you are now: you will be signed out at once.</Trans>
            ) : (
              <Trans>It lets nobody in from then on. This cannot be undone.</Trans>
            )}
          </p>
          <Problem error={revoke.error} />
        </Question>
      )}
      {revoke.sheet}
    </li>
  );
}

function Enrol({ isFirst }: { readonly isFirst: boolean }) {
  const { t } = useLingui();
  const { self } = useDesk();
  const [name, setName] = useState("");
  const [isDuress, setDuress] = useState(false);
  const queries = useQueryClient();
  const enrol = useMutation({
    mutationFn: enrolPasskey,
    onSuccess: async () => {
      setName("");
      setDuress(false);
      await queries.invalidateQueries({ queryKey: ["devices"] });
    },
  });
  if (!knowsPasskeys()) {
    return (
      <p className="soft small">
        <Trans>This browser cannot keep a passkey here. Open the https address of your node.</Trans>
      </p>
    );
  }
  if (isFirst && self?.signed_in_by === "oidc") {
    return (
      <p className="small">
        <Trans>
          You signed in elsewhere, and that alone makes no key. Ask the secretary or the engineer
          for a one-time link, open it in this browser, and add your first passkey then.
        </Trans>
      </p>
    );
  }
  const given = name.trim() === "" ? (self?.person.name ?? "Parley") : name.trim();
  return (
    <Form
      className="people-form"
      onSubmit={(event) => {
        event.preventDefault();
        enrol.mutate({ name: given, is_duress: isDuress });
      }}
    >
      <TextField className="field" value={name} onChange={setName} maxLength={NAME_CHARACTERS_MAX}>
        <Label className="field-label">
          <Trans>Name of the new passkey</Trans>
        </Label>
        <Input className="field-input" placeholder={t`such as: phone, desk upstairs`} />
      </TextField>
      {!isFirst && (
        <div className="field">
          <Toggle isOn={isDuress} onChange={setDuress}>
            <Trans>Keep it for duress</Trans>
          </Toggle>
          {isDuress && (
            <p className="small">
              <Trans>
                It opens and signs like any other, and the other releasers and the engineers of your
                party are told at once that you are being forced. It has to be another device than
                your other passkeys, under a name that gives nothing away: nothing will ever show
                here which one it is.
              </Trans>
            </p>
          )}
        </div>
      )}
      <Problem error={enrol.error} />
      <Button
        type="submit"
        weight="primary"
        icon="open"
        data-testid="enrol"
        isDisabled={enrol.isPending}
      >
        {t`Add a passkey`}
      </Button>
    </Form>
  );
}
