import { BellContext } from "../views/watch/bell";
import { RingBanner } from "../views/watch/ring-banner";
import { bellActs } from "./bell";

/** What rings on every page; loaded with the first one, so that nothing is fetched when it rings. */
export default function Ringing() {
  return (
    <BellContext value={bellActs}>
      <RingBanner />
    </BellContext>
  );
}
