/** Three planes through a volume that meet in one voxel; click, drag, wheel or arrow keys move it. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { type ShownComponent, useWorkspace } from '../../app/workspace.ts';
import { Button } from '../../components/button.tsx';
import { announceLater } from '../display/announce-later.ts';
import { researchNotice } from '../display/research-notice.ts';
import { withUnit } from '../maths/number-text.ts';
import { greyLevel, percentileWindow, type Window, windowOf } from '../maths/window-level.ts';
import { useViewState } from '../view-state.ts';
import {
  type Plane,
  planeLetters,
  planeSpacing,
  planeTitle,
  pointOn,
  reslice,
  type Voxel,
  voxelAt,
} from './reslice.ts';
import { useVolume, type Volume } from './use-volume.ts';
import './volume.css';

const planes: readonly Plane[] = ['slice', 'row', 'column'];

function paint(canvas: HTMLCanvasElement, volume: Volume, plane: Plane, at: Voxel, window: Window): void {
  const { rows, columns, values } = reslice(volume.values, volume.component.shape, plane, at);
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const image = context.createImageData(columns, rows);
  const flip = volume.component.inverted;
  for (let i = 0; i < values.length; i++) {
    const grey = Number.isFinite(values[i]) ? greyLevel(values[i], window) : 0;
    const shown = flip ? 255 - grey : grey;
    image.data[4 * i] = shown;
    image.data[4 * i + 1] = shown;
    image.data[4 * i + 2] = shown;
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

interface PlaneViewProps {
  volume: Volume;
  plane: Plane;
  at: Voxel;
  window: Window;
  move: (to: Voxel) => void;
}

function PlaneView({ volume, plane, at, window, move }: PlaneViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLElement>(null);
  const { description, component } = volume;
  const [slices, rows, columns] = component.shape;
  const across = plane === 'slice' ? at.slice : plane === 'row' ? at.row : at.column;
  const count = plane === 'slice' ? slices : plane === 'row' ? rows : columns;
  // Only the index across the plane changes its picture.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the other two move the crosshair alone
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      if (canvas.current !== null) paint(canvas.current, volume, plane, at, window);
    });
    return () => cancelAnimationFrame(frame);
  }, [volume, plane, across, window]);
  const [dz, dy, dx] = description.spacingMm;
  const [down, right] = planeSpacing(plane, [dz ?? 1, dy ?? 1, dx ?? 1]);
  const height = plane === 'slice' ? rows : slices;
  const width = plane === 'column' ? rows : columns;
  const [x, y] = pointOn(plane, at, slices);
  const letters = planeLetters(plane, description.planes[0], description.planes.at(-1));
  const title = planeTitle(plane, description.planes[0]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what changes is where the plane lies
  useEffect(() => {
    if (document.activeElement === box.current) announceLater(`${title}, ${across + 1} of ${count}`);
  }, [across]);
  const clamp = (value: number, most: number) => Math.min(most - 1, Math.max(0, Math.round(value)));
  const step = (by: number) => {
    const next = clamp(across + by, count);
    move(plane === 'slice' ? { ...at, slice: next } : plane === 'row' ? { ...at, row: next } : { ...at, column: next });
  };
  const go = (px: number, py: number) => move(voxelAt(plane, clamp(px, width), clamp(py, height), slices, at));
  const point = (event: { clientX: number; clientY: number; currentTarget: Element }) => {
    const box = event.currentTarget.getBoundingClientRect();
    go(((event.clientX - box.left) / box.width) * width - 0.5, ((event.clientY - box.top) / box.height) * height - 0.5);
  };
  const wheel = useRef(step);
  wheel.current = step;
  useEffect(() => {
    const element = box.current;
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      wheel.current(Math.sign(event.deltaY));
    };
    // Keys go to the first plane at once, Escape among them.
    if (plane === 'slice') element?.focus();
    element?.addEventListener('wheel', turn, { passive: false });
    return () => element?.removeEventListener('wheel', turn);
  }, [plane]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is no place for a picture
    <section
      ref={box}
      className="mpr-plane"
      role="group"
      aria-label={`${title}, ${across + 1} of ${count}`}
      data-key-moves
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move the crosshair
      tabIndex={0}
      onKeyDown={(event) => {
        const moves: Record<string, () => void> = {
          ArrowUp: () => go(x, y - 1),
          ArrowDown: () => go(x, y + 1),
          ArrowLeft: () => go(x - 1, y),
          ArrowRight: () => go(x + 1, y),
          PageUp: () => step(-1),
          PageDown: () => step(1),
        };
        const run = moves[event.key];
        if (run === undefined) return;
        event.preventDefault();
        run();
      }}
    >
      <div
        className="mpr-picture"
        style={{
          aspectRatio: `${width * right} / ${height * down}`,
          // As large as the place allows, whichever side is the shorter.
          width: `min(100cqw, ${(100 * width * right) / (height * down)}cqh)`,
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          point(event);
        }}
        onPointerMove={(event) => {
          if (event.buttons === 1) point(event);
        }}
      >
        <canvas ref={canvas} />
        <span className="mpr-line mpr-line-x" style={{ left: `${((x + 0.5) / width) * 100}%` }} />
        <span className="mpr-line mpr-line-y" style={{ top: `${((y + 0.5) / height) * 100}%` }} />
      </div>
      <p className="mpr-title">
        {title} {across + 1}/{count}
      </p>
      {letters !== null &&
        (['top', 'right', 'bottom', 'left'] as const).map((edge) => (
          <span key={edge} className={`mpr-letter mpr-letter-${edge}`}>
            {letters[edge]}
          </span>
        ))}
    </section>
  );
}

export function MprView({ shown }: { shown: ShownComponent }) {
  const { volume, problem } = useVolume(shown);
  const [at, setAt] = useState<Voxel | null>(null);
  // The active viewport shows the same part: its window and the keys that change it hold here too.
  const chosen = useViewState((state) => state.views[useWorkspace.getState().active].window);
  const own = useMemo(() => {
    if (volume === null) return null;
    const { component, values } = volume;
    const [slices, rows, columns] = component.shape;
    const middle = Math.floor(slices / 2) * rows * columns;
    return (
      component.window ??
      percentileWindow(values.subarray(middle, middle + rows * columns), 0.01) ??
      windowOf(...component.range)
    );
  }, [volume]);
  const close = () => useViewState.setState({ mpr: null });
  const window = chosen ?? own;
  if (volume === null || window === null)
    return (
      <div className="volume-view volume-waiting">
        <p role={problem === '' ? 'status' : 'alert'}>{problem === '' ? 'Loading the volume…' : problem}</p>
        <Button onPress={close}>Back to the viewports</Button>
      </div>
    );
  const [slices, rows, columns] = volume.component.shape;
  const voxel = at ?? { slice: Math.floor(slices / 2), row: Math.floor(rows / 2), column: Math.floor(columns / 2) };
  const value = volume.values[(voxel.slice * rows + voxel.row) * columns + voxel.column];
  return (
    <div className="volume-view mpr">
      <div className="mpr-grid">
        {planes.map((plane) => (
          <PlaneView key={plane} volume={volume} plane={plane} at={voxel} window={window} move={setAt} />
        ))}
        <div className="mpr-facts">
          <strong>{volume.description.title}</strong>
          <span>{volume.component.title}</span>
          <span>
            Voxel ({voxel.column}, {voxel.row}, {voxel.slice}): {withUnit(value, volume.component.unit, 7)}
          </span>
          {volume.description.spacingMm.includes(null) && (
            <span>Spacing unknown: planes are drawn with cubic voxels.</span>
          )}
          <span>{researchNotice}</span>
          {volume.description.badges.includes('simulated') && <span>simulated k-space</span>}
          <Button onPress={close}>Back to the viewports</Button>
        </div>
      </div>
    </div>
  );
}
