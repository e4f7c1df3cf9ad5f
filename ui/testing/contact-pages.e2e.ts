/** Contacts: no fault in any language, and kept current by keyboard alone. */
import { describe, expect, test } from "vitest";

import { withContacts } from "./fake-contacts";
import { type Look, lookBriefly } from "./look-at";
import { type Scene, shareScene } from "./scene";

const LOOKS: readonly Look[] = [
  {
    name: "contacts",
    arrange: (node) => withContacts(node),
    async open({ page, origin }) {
      await page.goto(`${origin}/contacts`);
      await page.getByTestId("contact").first().waitFor();
    },
  },
  {
    name: "contacts-editor",
    arrange: (node) => withContacts(node, true),
    async open({ page, origin }) {
      await page.goto(`${origin}/contacts`);
      await page.getByTestId("contact-edit").click();
      await page.getByTestId("contact-editor").waitFor();
    },
  },
];

lookBriefly(LOOKS);

describe("contacts by keyboard", () => {
  let scene: Scene;
  shareScene((found) => {
    scene = found;
  });

  test("what came of a contact is said, and our own list is confirmed with one press", async () => {
    const { page, node, origin } = scene;
    withContacts(node);
    await page.goto(`${origin}/contacts`);
    const names = page.getByTestId("contact");
    await names.first().waitFor();
    expect(await names.first().getAttribute("data-mark")).toBe("11".repeat(16));
    await page.getByTestId("contact-tried").first().press("Enter");
    await page.getByTestId("trial-say").press("Enter");
    const asked = (end: string) => node.done.filter(({ path }) => path.endsWith(end));
    await expect
      .poll(() => asked("/contacts/trials")[0]?.words)
      .toEqual({ mark: "11".repeat(16), outcome: "reached", words: null });
    await page.getByTestId("contact-confirm").press("Enter");
    await expect.poll(() => asked("/contacts/begin")[0]?.words).toEqual({ contacts: null });
  });
});
