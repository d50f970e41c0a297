//! The live seat map: the engine on a canvas, with controls, legend, tooltip and words for a screen
//! reader.
//!
//! Promises: everything that a mouse can do, keys can do; every change that a key makes is spoken.
//! Never: keeps the selection; the page does.

import {
  type KeyboardEvent,
  type Ref,
  useCallback,
  useEffect,
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from "react";
import { bandsOf } from "../engine/bands";
import { type EngineOptions, type PlaceInView, SeatMapEngine } from "../engine/map";
import { sameTarget, type Target } from "../engine/scene";
import type { Point } from "../layout/polar";
import { at } from "../plan";
import type { SeatStore } from "../store";
import type { SeatMapHandle, SeatMapProps } from "../types";
import { Controls } from "./Controls";
import { pressSeat } from "./choice";
import { describeTarget } from "./describe";
import { useStoreLoaded } from "./hooks";
import { Legend } from "./Legend";
import { Notice } from "./Notice";
import styles from "./SeatMap.module.css";
import { Tooltip } from "./Tooltip";
import { useMapLocale, useMapTexts } from "./texts";

const NONE: ReadonlySet<string> = new Set();
const NOWHERE: PlaceInView = { section: null, block: null, zoomed: false };

interface Pointed {
  readonly target: Target;
  readonly spot: Point;
}

export function SeatMap({ ref, ...props }: SeatMapProps & { ref?: Ref<SeatMapHandle> }) {
  const { store, mode = "buyer", label, className } = props;
  const texts = useMapTexts();
  const locale = useMapLocale();
  const keys = useId();
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [place, setPlace] = useState(NOWHERE);
  const [band, setBand] = useState<number | null>(null);
  const [announcement, announce] = useState("");
  const [refused, setRefused] = useState<string | null>(null);
  const loaded = useStoreLoaded(store);
  const options = useEngineOptions(props, band);
  const latest = useRef({ props, texts, locale });
  latest.current = { props, texts, locale };

  const press = useCallback((seat: number) => {
    const { props: now, texts: words } = latest.current;
    const answer = pressSeat(now, words, seat);
    announce(answer.said);
    setRefused(answer.refused ? answer.said : null);
  }, []);

  const spokenOf = useRef<Target | null>(null);
  const { canvas, minimap, engine } = useEngine(store, options, {
    onPoint(target, spot, keyboard) {
      setPointed(target && { target, spot });
      const moved = !sameTarget(spokenOf.current, target);
      spokenOf.current = target;
      // What is under the cursor is announced on the way to it; a change of it has its own words,
      // which this would cover.
      if (target && keyboard && moved)
        announce(
          describeTarget(latest.current.props, latest.current.texts, latest.current.locale, target).spoken,
        );
    },
    onPress: press,
    onPlace(now) {
      setPlace(now);
      latest.current.props.onPlaceChange?.(namesOf(store, now));
    },
  });
  useHandle(ref, engine, store);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target !== event.currentTarget) return;
    if (engine.current?.key(event.key, event.shiftKey)) event.preventDefault();
  };

  return (
    <div className={[styles.root, className].filter(Boolean).join(" ")}>
      <div className={styles.frame}>
        <div
          className={styles.surface}
          role="application"
          aria-label={texts.map(label)}
          aria-describedby={keys}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: an application is moved in by keys
          tabIndex={0}
          onKeyDown={onKeyDown}
          onFocus={event => event.currentTarget.matches(":focus-visible") && engine.current?.focus()}
          onBlur={() => engine.current?.blur()}
        >
          <canvas ref={canvas} className={styles.canvas} />
        </div>
        <p id={keys} hidden>
          {texts.keys}
        </p>
        {pointed && <Tooltip choice={props} target={pointed.target} spot={pointed.spot} />}
        <Controls
          place={place}
          store={store}
          onZoomIn={() => engine.current?.zoomIn()}
          onZoomOut={() => engine.current?.zoomOut()}
          onAll={() => engine.current?.showAll()}
        />
        <canvas
          ref={minimap}
          className={styles.minimap}
          data-shown={place.zoomed}
          aria-label={texts.overview}
          role="img"
        />
        <Notice store={store} loaded={loaded} refused={refused} onRefusedSeen={() => setRefused(null)} />
      </div>
      <Legend
        store={store}
        mode={mode}
        showsMine={Boolean(props.mine?.size)}
        pressed={band}
        onPress={setBand}
      />
      <output className={styles.hidden} aria-live="polite">
        {announcement}
      </output>
    </div>
  );
}

type Listener = ConstructorParameters<typeof SeatMapEngine>[3];

/** The engine lives as long as its canvas and its store. */
function useEngine(store: SeatStore, options: EngineOptions, listener: Listener) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const minimap = useRef<HTMLCanvasElement>(null);
  const engine = useRef<SeatMapEngine | null>(null);
  const latest = useRef({ options, listener });
  latest.current = { options, listener };

  useEffect(() => {
    if (!canvas.current || !minimap.current) return;
    const made = new SeatMapEngine(
      { canvas: canvas.current, minimap: minimap.current },
      store,
      latest.current.options,
      {
        onPoint: (...point) => latest.current.listener.onPoint(...point),
        onPress: seat => latest.current.listener.onPress(seat),
        onPlace: place => latest.current.listener.onPlace(place),
      },
    );
    engine.current = made;
    return () => {
      made.destroy();
      engine.current = null;
    };
  }, [store]);

  useEffect(() => engine.current?.update(options), [options]);
  return { canvas, minimap, engine };
}

function useEngineOptions(props: SeatMapProps, band: number | null): EngineOptions {
  const { store, mode = "buyer", selection, mine = NONE, claiming = NONE, spotlight = null } = props;
  const texts = useMapTexts();
  const locale = useMapLocale();
  const chosen = useSeatNumbers(store, selection);
  const own = useSeatNumbers(store, mine);
  const asked = useSeatNumbers(store, claiming);
  const pointedOut = useMemo(() => {
    const { sections } = store.plan;
    if (spotlight)
      return new Set(sections.filter(({ name }) => spotlight.has(name)).map(({ index }) => index));
    return band === null ? null : new Set(bandsOf(store)[band]?.sections);
  }, [store, spotlight, band]);
  return useMemo(
    () => ({ mode, texts, locale, chosen, mine: own, claiming: asked, spotlight: pointedOut }),
    [mode, texts, locale, chosen, own, asked, pointedOut],
  );
}

function useSeatNumbers(store: SeatStore, ids: ReadonlySet<string>): ReadonlySet<number> {
  return useMemo(() => new Set(seatNumbers(store, ids)), [store, ids]);
}

function seatNumbers(store: SeatStore, ids: Iterable<string>): number[] {
  return [...ids].map(id => store.directory.seat(id)).filter(seat => seat !== undefined);
}

function namesOf(store: SeatStore, { section, block }: PlaceInView) {
  return {
    section: section === null ? null : at(store.plan.sections, section).name,
    subsection: block === null ? null : at(store.plan.blocks, block).number,
  };
}

function useHandle(
  ref: Ref<SeatMapHandle> | undefined,
  engine: { readonly current: SeatMapEngine | null },
  store: SeatStore,
) {
  useImperativeHandle(
    ref,
    () => ({
      showAll: () => engine.current?.showAll(),
      showSection(name) {
        const section = store.directory.section(name);
        if (section) engine.current?.showSection(section.index);
      },
      showSubsection(section, subsection) {
        const block = store.directory.block(section, subsection);
        if (block) engine.current?.showBlock(block.index);
      },
      showSeats: ids => engine.current?.showSeats(seatNumbers(store, ids)),
    }),
    [engine, store],
  );
}
