//! Where the map is looking, the way back, and the zoom buttons.

import type { PlaceInView } from "../engine/map";
import { at } from "../plan";
import type { SeatStore } from "../store";
import styles from "./SeatMap.module.css";
import { useMapTexts } from "./texts";

export interface ControlsProps {
  readonly place: PlaceInView;
  readonly store: SeatStore;
  readonly onZoomIn: () => void;
  readonly onZoomOut: () => void;
  readonly onAll: () => void;
}

export function Controls({ place, store, onZoomIn, onZoomOut, onAll }: ControlsProps) {
  const texts = useMapTexts();
  return (
    <>
      {place.zoomed && (
        <button type="button" className={styles.back} onClick={onAll}>
          <Icon path="M10 3 5 8l5 5" />
          <span className={styles.hidden}>{texts.showAll}: </span>
          {nameOf(place, store, texts) || texts.showAll}
        </button>
      )}
      <div className={styles.zoom}>
        <button type="button" aria-label={texts.zoomIn} onClick={onZoomIn}>
          <Icon path="M8 3v10M3 8h10" />
        </button>
        <button type="button" aria-label={texts.zoomOut} onClick={onZoomOut} disabled={!place.zoomed}>
          <Icon path="M3 8h10" />
        </button>
        <button type="button" aria-label={texts.showAll} onClick={onAll} disabled={!place.zoomed}>
          <Icon path="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" />
        </button>
      </div>
    </>
  );
}

function nameOf(
  { section, block }: PlaceInView,
  store: SeatStore,
  texts: ReturnType<typeof useMapTexts>,
): string {
  if (section === null) return "";
  const { name } = at(store.plan.sections, section);
  return block === null
    ? texts.section(name)
    : texts.subsectionLong(name, at(store.plan.blocks, block).number);
}

function Icon({ path }: { readonly path: string }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={path}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
