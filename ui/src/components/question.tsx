import type { ReactNode } from "react";

import { Button } from "./button";
import { Sheet } from "./sheet";

/** One question with a safe answer, on which the focus stands, and one that does something. */
export function Question(props: {
  readonly title: string;
  readonly no: string;
  readonly yes: string;
  readonly isDangerous?: boolean;
  readonly isPending: boolean;
  readonly onNo: () => void;
  readonly onYes: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Sheet title={props.title} isOpen onClose={props.onNo} isQuestion>
      {props.children}
      <div className="sheet-acts">
        <Button onPress={props.onNo} autoFocus>
          {props.no}
        </Button>
        <Button
          weight={props.isDangerous ? "danger" : "primary"}
          data-testid="yes"
          isDisabled={props.isPending}
          onPress={props.onYes}
        >
          {props.yes}
        </Button>
      </div>
    </Sheet>
  );
}
