import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Form, Input, Label, TextField } from "react-aria-components";

import { readReach, removeDutyDevice, setMail } from "../../api/duty";
import { Button } from "../../components/button";
import { Notice } from "../../components/notice";
import { Problem } from "../problem";
import { canPush, subscribe } from "./push";

const NAME_CHARACTERS_MAX = 60;

/** By what the person who looks is called: this browser, others, mail. */
export function Reach() {
  const { t } = useLingui();
  const queries = useQueryClient();
  const read = useQuery({ queryKey: ["reach"], queryFn: readReach });
  const again = async () => queries.invalidateQueries({ queryKey: ["reach"] });
  const remove = useMutation({ mutationFn: removeDutyDevice, onSuccess: again });
  const reach = read.data;
  return (
    <section className="card people-card" aria-labelledby="reach-title">
      <h2 id="reach-title" className="desk-title">{t`How you are called`}</h2>
      <p className="small soft">
        <Trans>
          What you get says that something waits at the desk, its precedence and its number, and
          never what it says.
        </Trans>
      </p>
      <Problem error={read.error ?? remove.error} />
      <ul className="people-list">
        {reach?.devices.map((device) => (
          <li key={device.id} className="people-item">
            <div>
              <bdi>{device.name}</bdi> <span className="small soft">{device.service}</span>
            </div>
            <Button isDisabled={remove.isPending} onPress={() => remove.mutate(device.id)}>
              {t`Call it no more`}
            </Button>
          </li>
        ))}
      </ul>
      {reach !== undefined && reach.push_key === null && (
        <p className="small">
          <Trans>
            No device is called here yet: the engineer writes push_contact in the settings.
          </Trans>
        </p>
      )}
      {reach !== undefined && reach.push_key !== null && (
        <AddDevice pushKey={reach.push_key} onDone={again} />
      )}
      {reach?.can_mail === true && <Mail key={reach.mail} mail={reach.mail} onDone={again} />}
    </section>
  );
}

function AddDevice(props: { readonly pushKey: string; readonly onDone: () => Promise<void> }) {
  const { t } = useLingui();
  const [name, setName] = useState("");
  const add = useMutation({
    mutationFn: async () => subscribe(props.pushKey, name.trim()),
    onSuccess: props.onDone,
  });
  if (!canPush()) {
    return <Notice tone="fair" icon="warning" title={t`This browser cannot be called`} />;
  }
  return (
    <Form
      className="people-form"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <TextField className="field" value={name} onChange={setName} maxLength={NAME_CHARACTERS_MAX}>
        <Label>{t`What this device is called`}</Label>
        <Input />
      </TextField>
      {add.data === "refused" && (
        <Notice tone="cut" icon="warning" title={t`This browser does not let the page call you`} />
      )}
      <Problem error={add.error} />
      <Button
        type="submit"
        isDisabled={name.trim() === "" || add.isPending}
        data-testid="add-duty-device"
      >
        {t`Call me on this device`}
      </Button>
    </Form>
  );
}

function Mail(props: { readonly mail: string | null; readonly onDone: () => Promise<void> }) {
  const { t } = useLingui();
  const [address, setAddress] = useState(props.mail ?? "");
  const keep = useMutation({
    mutationFn: async () => setMail(address.trim() === "" ? null : address.trim()),
    onSuccess: props.onDone,
  });
  return (
    <Form
      className="people-form"
      onSubmit={(event) => {
        event.preventDefault();
        keep.mutate();
      }}
    >
      <TextField className="field" value={address} onChange={setAddress} type="email">
        <Label>{t`Mail address; empty for none`}</Label>
        <Input dir="ltr" />
      </TextField>
      <Problem error={keep.error} />
      <Button type="submit" isDisabled={keep.isPending}>{t`Keep`}</Button>
    </Form>
  );
}
