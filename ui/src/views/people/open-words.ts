/** Words of what is open when a duty passes on. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { OpenKind } from "../../api/people-types";

export const OPEN_KIND_WORDS: Readonly<Record<OpenKind, MessageDescriptor>> = {
  alert: msg`Alerts`,
  check: msg`Line checks`,
  missed: msg`Line checks missed`,
  notification: msg`Questions about notifications`,
  reminder: msg`Notifications to be sent`,
  call: msg`Calls between officials`,
  crisis: msg`Crises`,
};
