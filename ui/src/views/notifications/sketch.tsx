import { useLingui } from "@lingui/react/macro";

import type { JsonMap } from "../../api/paper-types";
import { circlesOf, HEIGHT, sketchOf, WIDTH } from "../../state/papers/sketch";

/** The places of a form on a net of degrees: enough to see that two numbers are exchanged. */
export function PlaceSketch({ form }: { readonly form: JsonMap }) {
  const { t } = useLingui();
  const circles = circlesOf(form);
  const sketch = sketchOf(circles);
  if (sketch === null) return null;
  const told = circles.map(({ latitude, longitude }) => `${latitude}, ${longitude}`).join("; ");
  return (
    <figure className="sketch">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t`Places: ${told}`}>
        {sketch.meridians.map(({ x, degrees }) => (
          <g key={degrees}>
            <line className="sketch-net" x1={x} x2={x} y1={0} y2={HEIGHT} />
            <text className="sketch-degrees" x={x + 3} y={HEIGHT - 4}>
              {degrees}°
            </text>
          </g>
        ))}
        {sketch.parallels.map(({ y, degrees }) => (
          <g key={degrees}>
            <line className="sketch-net" x1={0} x2={WIDTH} y1={y} y2={y} />
            <text className="sketch-degrees" x={3} y={y - 3}>
              {degrees}°
            </text>
          </g>
        ))}
        {sketch.circles.map(({ x, y, r }) => (
          <g key={`${x} ${y} ${r}`}>
            <circle className="sketch-area" cx={x} cy={y} r={r} />
            <circle className="sketch-point" cx={x} cy={y} r={2} />
          </g>
        ))}
      </svg>
      <figcaption className="small soft">{t`North is up. No map: only the agreed coordinates.`}</figcaption>
    </figure>
  );
}
