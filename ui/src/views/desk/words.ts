import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import type { LineSilence } from "../../api/types";

export const LINE_SILENCE_WORDS: Readonly<Record<LineSilence, MessageDescriptor>> = {
  path: msg`Silent: the way there. Neither their node nor their edge responder is heard.`,
  node: msg`Silent: their node. Their edge responder answers, so the way there is open.`,
  path_or_node: msg`Silent: the way there or their node. No edge responder of theirs is known that could tell which.`,
};
