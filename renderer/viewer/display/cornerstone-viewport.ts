/**
 * The viewport drawn by cornerstone-core 2.6.1, which draws 16-bit values only: floats are quantised with one mapping
 * per series (quantise.ts). Windows are given in image units; core's formula is LINEAR_EXACT. Images go through its
 * loader and cache under `tangent:ITEM/REVISION/COMPONENT/SLICE`, so new pixels need a new revision.
 */
import cornerstone, { type Image, type ViewportState } from 'cornerstone-core';
import { colourMap, colourMapNames } from '../maths/colour-maps.ts';
import { mappingOf, quantise } from '../maths/quantise.ts';
import { pixelAspect } from '../maths/view-matrix.ts';
import { gridOf, type Source, type Values } from '../source/source.ts';
import type { Appearance, Viewport } from './viewport.ts';

const cacheBytes = 192 * 2 ** 20;
/** By source key: what the loader and the metadata provider answer from. */
const sources = new Map<string, { source: Source; users: number }>();
const imageIdOf = (source: Source, slice: number) => `tangent:${source.key}/${slice}`;

function parse(imageId: string): { source: Source; slice: number } | undefined {
  const at = imageId.lastIndexOf('/');
  const entry = sources.get(imageId.slice('tangent:'.length, at));
  return entry === undefined ? undefined : { source: entry.source, slice: Number(imageId.slice(at + 1)) };
}

function imageOf(source: Source, slice: number, values: Values): Image {
  const [, rows, columns] = source.shape;
  const mapping = mappingOf(source.range, source.integer);
  const colour = source.kind === 'colour';
  const { stored, mask } = colour
    ? { stored: values instanceof Uint8Array ? values : new Uint8Array(values.buffer), mask: null }
    : quantise(values, mapping);
  return {
    imageId: imageIdOf(source, slice),
    minPixelValue: 0,
    maxPixelValue: colour ? 255 : 65535,
    slope: colour ? 1 : mapping.slope,
    intercept: colour ? 0 : mapping.intercept,
    windowCenter: 127.5,
    windowWidth: 255,
    rows,
    columns,
    height: rows,
    width: columns,
    color: colour,
    rgba: colour,
    invert: false,
    rowPixelSpacing: source.spacing[1] ?? undefined,
    columnPixelSpacing: source.spacing[2] ?? undefined,
    sizeInBytes: stored.byteLength,
    getPixelData: () => stored,
    mask,
  };
}

let ready = false;
function prepare(): void {
  if (ready) return;
  ready = true;
  cornerstone.imageCache.setMaximumSizeBytes(cacheBytes);
  cornerstone.registerImageLoader('tangent', (imageId) => {
    const found = parse(imageId);
    if (found === undefined) return { promise: Promise.reject(new Error(`nothing is shown under ${imageId}`)) };
    const { source, slice } = found;
    return { promise: source.load(slice).then((values) => imageOf(source, slice, values)) };
  });
  cornerstone.metaData.addProvider((type, imageId) => {
    const found = parse(imageId);
    if (found === undefined) return undefined;
    const { source, slice } = found;
    if (type === 'generalSeriesModule') return { modality: source.description?.modality ?? 'OT' };
    const plane = source.planes[slice];
    if (type !== 'imagePlaneModule' || plane === undefined) return undefined;
    return {
      rowCosines: plane.rowCosines,
      columnCosines: plane.columnCosines,
      imagePositionPatient: plane.position,
      rowPixelSpacing: source.spacing[1] ?? undefined,
      columnPixelSpacing: source.spacing[2] ?? undefined,
      frameOfReferenceUID: source.frameOfReference ?? undefined,
      rows: source.shape[1],
      columns: source.shape[2],
    };
  });
  for (const name of colourMapNames)
    cornerstone.colors.getColormap(`tangent-${name}`, {
      name,
      colors: colourMap(name).map(([r, g, b]) => [r, g, b, 255]),
    });
}

function hold(source: Source): void {
  const entry = sources.get(source.key);
  sources.set(source.key, { source, users: (entry?.users ?? 0) + 1 });
}

function release(source: Source): void {
  const entry = sources.get(source.key);
  if (entry === undefined) return;
  if (entry.users > 1) entry.users -= 1;
  else sources.delete(source.key);
}

/** Images quantised before, by their id; values at hand are quantised without the detour over a promise. */
const quantised = new Map<string, Image>();
let quantisedBytes = 0;

function imageFor(source: Source, slice: number, values: Values): Image {
  const id = imageIdOf(source, slice);
  let image = quantised.get(id);
  if (image === undefined) {
    image = imageOf(source, slice, values);
    quantisedBytes += image.sizeInBytes;
  }
  quantised.delete(id);
  quantised.set(id, image);
  for (const [oldest, other] of quantised) {
    if (quantisedBytes <= cacheBytes || oldest === id) break;
    quantised.delete(oldest);
    quantisedBytes -= other.sizeInBytes;
  }
  return image;
}

function stateOf(source: Source, look: Appearance): ViewportState {
  // Core pans in pixels of the image before they are stretched and turned back; ours pans on the screen.
  const [ax, ay] = pixelAspect(gridOf(source));
  const turned = look.rotation === 90 || look.rotation === 270;
  const [sx, sy] = turned ? [ay, ax] : [ax, ay];
  const colour = source.kind === 'colour';
  return {
    scale: look.scale,
    translation: { x: look.pan.x / (look.scale * sx), y: look.pan.y / (look.scale * sy) },
    voi: colour
      ? { windowCenter: 127.5, windowWidth: 255 }
      : { windowCenter: look.window.centre, windowWidth: look.window.width },
    invert: look.invert !== source.inverted,
    pixelReplication: !look.interpolate,
    rotation: look.rotation,
    hflip: look.hflip,
    vflip: look.vflip,
    colormap: colour || look.colours === 'grey' ? undefined : `tangent-${look.colours}`,
  };
}

export function cornerstoneViewport(element: HTMLElement): Viewport {
  prepare();
  cornerstone.enable(element, { fillStyle: 'black' });
  let source: Source | null = null;
  let image: Image | null = null;
  let mode = '';
  const draw = (appearance: Appearance) => {
    if (source === null || image === null) return;
    const state = stateOf(source, appearance);
    const enabled = cornerstone.getEnabledElement(element);
    // Core's grey and colour paths share one canvas but not what they expect of it.
    const wanted = `${state.colormap ?? (image.color ? 'colour' : 'grey')}`;
    if (wanted !== mode) enabled.renderingTools = {};
    mode = wanted;
    // The table of grey levels depends on the mapping and the window only: hand it on from slice to slice.
    const before = enabled.image;
    if (
      before !== undefined &&
      before !== image &&
      before.slope === image.slope &&
      before.intercept === image.intercept
    )
      if (before.maxPixelValue === image.maxPixelValue) image.cachedLut = before.cachedLut;
    cornerstone.displayImage(element, image, state);
  };
  return {
    show: (next, slice, values, appearance) => {
      if (source?.key !== next.key) {
        hold(next);
        if (source !== null) release(source);
      }
      source = next;
      image = imageFor(next, slice, values);
      draw(appearance);
    },
    setView: draw,
    mask: () => image?.mask ?? null,
    resize: () => cornerstone.resize(element, false),
    on: (_event, listener) => {
      element.addEventListener(cornerstone.EVENTS.IMAGE_RENDERED, listener);
      return () => element.removeEventListener(cornerstone.EVENTS.IMAGE_RENDERED, listener);
    },
    dispose: () => {
      if (source !== null) release(source);
      cornerstone.disable(element);
    },
  };
}
