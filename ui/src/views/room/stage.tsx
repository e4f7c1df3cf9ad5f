import { useLingui } from "@lingui/react/macro";
import { type CSSProperties, useEffect, useRef, useState } from "react";

import { Empty } from "../../components/notice";
import { grid } from "../../state/room/grid";
import type { Tile } from "../../state/room/tiles";
import { useAttendance } from "../attendance";
import { TileView } from "./tile";
import { useWatch } from "./watch";

/** Gap between tiles, as in the style sheet. */
const GAP_PX = 8;

/** All tiles, either alike in a grid or one large above a strip of the others. */
export function Stage(props: {
  readonly tiles: readonly Tile[];
  readonly principal: Tile | null;
  readonly pinned: string | null;
  readonly onPin: (key: string | null) => void;
}) {
  const { t } = useLingui();
  const { roster, standing } = useAttendance();
  const measure = useWatch(props.tiles, props.principal?.key ?? null);
  const { place, size } = useSize();
  const show = (tile: Tile) => (
    <TileView
      key={tile.key}
      tile={tile}
      measure={measure}
      isPinned={tile.key === props.pinned}
      onPin={() => props.onPin(tile.key === props.pinned ? null : tile.key)}
    />
  );
  const others = roster.filter((each) => !each.is_self).length;
  const { columns, height } = grid(props.tiles.length, size.width, size.height, GAP_PX);
  const { principal } = props;
  if (props.tiles.length === 0) {
    return (
      <div className="stage" ref={place}>
        <Empty icon="room" title={t`Entering the room`} isWaiting />
      </div>
    );
  }
  return (
    <div className="stage" ref={place} data-is-whole={standing.state === "live"}>
      {principal === null ? (
        <ul
          className="stage-grid"
          style={{ "--columns": columns, "--tile": `${height}px` } as CSSProperties}
          aria-label={t`Everybody in the room`}
        >
          {props.tiles.map(show)}
        </ul>
      ) : (
        <>
          <ul className="stage-principal" aria-label={t`In the middle`}>
            {show(principal)}
          </ul>
          <ul className="stage-strip" aria-label={t`The others`}>
            {props.tiles.filter((tile) => tile.key !== principal.key).map(show)}
          </ul>
        </>
      )}
      {others === 0 && (
        <p className="plate stage-alone" role="status">
          {t`Nobody else is here. Whoever comes in finds you here.`}
        </p>
      )}
    </div>
  );
}

function useSize() {
  const place = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 1_280, height: 720 });
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      setSize({ width, height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { place, size };
}
