/** One slice of an item as a picture, for looking at, not for measuring. */
import { useEffect, useRef, useState } from 'react';
import { dataRoutes } from '../../main/host/api/data-routes.ts';
import type { Component, ItemDescription } from '../../main/host/api/item.ts';
import { host } from '../app/session.ts';

export interface SlicePictureProps {
  item: ItemDescription;
  component: Component;
  slice: number;
  label: string;
  className?: string;
  /** Called once the slice can be seen. */
  onShown?: () => void;
}

/** All grey values of the slice, so that faint text shows as well as bright. */
function greyLevels(values: Float32Array, inverted: boolean): Uint8ClampedArray<ArrayBuffer> {
  const sorted = Float32Array.from(values.filter(Number.isFinite)).sort();
  const low = sorted[Math.floor(sorted.length * 0.01)] ?? 0;
  const high = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.995))] ?? 1;
  const scale = high > low ? 255 / (high - low) : 0;
  const pixels = new Uint8ClampedArray(4 * values.length);
  for (const [i, value] of values.entries()) {
    const level = (value - low) * scale;
    pixels.fill(inverted ? 255 - level : level, 4 * i, 4 * i + 3);
    pixels[4 * i + 3] = 255;
  }
  return pixels;
}

async function draw(canvas: HTMLCanvasElement, props: SlicePictureProps, signal: AbortSignal): Promise<void> {
  const { item, component, slice } = props;
  const [, rows, columns] = component.shape;
  const bytes = await host().data(dataRoutes.pixels(item.id, item.revision, component.name, slice), signal);
  const pixels =
    component.format === 'rgba8'
      ? new Uint8ClampedArray(bytes)
      : greyLevels(new Float32Array(bytes), component.inverted);
  if (signal.aborted || pixels.length !== 4 * rows * columns) return;
  canvas.width = columns;
  canvas.height = rows;
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, columns, rows), 0, 0);
}

export function SlicePicture(props: SlicePictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [failed, setFailed] = useState(false);
  const { item, component, slice, label, className = '', onShown } = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the slice is drawn anew when what it shows changes.
  useEffect(() => {
    if (canvas.current === null) return;
    const abort = new AbortController();
    setFailed(false);
    draw(canvas.current, props, abort.signal).then(
      () => {
        if (!abort.signal.aborted) onShown?.();
      },
      () => setFailed(!abort.signal.aborted),
    );
    return () => abort.abort();
  }, [item.id, item.revision, component.name, slice]);
  return (
    <span className={`slice-picture ${className}`}>
      <canvas ref={canvas} role="img" aria-label={label} />
      {failed && <span className="slice-picture-failed">cannot be read</span>}
    </span>
  );
}
