/** Watches and escalation: no fault in a left-to-right and a right-to-left language. */
import { withDuty } from "./fake-duty";
import { type Look, lookBriefly } from "./look-at";

const LOOKS: readonly Look[] = [
  {
    name: "duty",
    arrange: withDuty,
    async open({ page, origin }) {
      await page.goto(`${origin}/duty`);
      await page.getByTestId("to-plan").waitFor();
      await page.locator(".watch-days").waitFor();
    },
  },
  {
    name: "duty-plan",
    arrange: withDuty,
    async open({ page, origin }) {
      await page.goto(`${origin}/duty/plan`);
      await page.getByTestId("propose").waitFor();
    },
  },
];

lookBriefly(LOOKS, new Set(["en", "prs"]));
