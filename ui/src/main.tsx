import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { readAppearance, show } from "./components/appearance";
import { firstLanguage, speak } from "./i18n";
import { App } from "./wiring/app";
import { makeDeskFeed } from "./wiring/desk";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/page.css";
import "./components/components.css";

// React Aria would add this rule as an inline style, which the node's policy forbids; the rule is
// in base.css, and finding the id it leaves the page alone.
const taken = document.createElement("meta");
taken.id = "react-aria-pressable-style";
document.head.append(taken);

async function start(): Promise<void> {
  show(readAppearance());
  await speak(firstLanguage());
  const place = document.querySelector("#root");
  if (place === null) throw new Error("the page has no place for the interface");
  createRoot(place).render(
    <StrictMode>
      <App feed={makeDeskFeed()} />
    </StrictMode>,
  );
}

void start();
