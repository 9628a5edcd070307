/** One component of one item as a source. */
import { dataRoutes } from '../../../main/host/api/data-routes.ts';
import type { Component, ItemDescription } from '../../../main/host/api/item.ts';
import type { ColourMapName } from '../maths/colour-maps.ts';
import { percentiles, percentileWindow, type Window, windowOf } from '../maths/window-level.ts';
import { loadBytes, peekBytes } from './pixel-cache.ts';
import type { Source, Values } from './source.ts';

const coloursOf = (component: Component): ColourMapName => {
  if (component.role === 'difference') return 'diverging';
  if (component.role === 'uncertainty') return 'ember';
  if (component.role === 'evidence') return 'moss';
  return 'grey';
};

const images = new Set<Component['role']>(['image']);

/** Named for one window over all images of a result: the reference's, else the reconstruction's. */
function windowLeader(description: ItemDescription, component: Component): Component {
  if (description.kind !== 'result' || component.role !== 'image' || /real|imaginary/.test(component.name))
    return component;
  const named = (name: string) => description.components.find((one) => one.name === name);
  return named('reference') ?? named('image') ?? component;
}

const valuesOf = (component: Component, buffer: ArrayBuffer): Values =>
  component.format === 'rgba8' ? new Uint8Array(buffer) : new Float32Array(buffer);

export function componentSource(description: ItemDescription, component: Component, label?: string): Source {
  const url = (slice: number) => dataRoutes.pixels(description.id, description.revision, component.name, slice);
  const [slices, rows, columns] = component.shape;
  const expected = rows * columns * 4;
  const checked = (buffer: ArrayBuffer): Values => {
    if (buffer.byteLength !== expected)
      throw new Error(`the slice has ${buffer.byteLength} bytes, ${rows} × ${columns} pixels need ${expected}`);
    return valuesOf(component, buffer);
  };
  const colour = component.format === 'rgba8';
  const difference = component.role === 'difference';
  const source: Source = {
    key: `${description.id}/${description.revision}/${component.name}`,
    title: label ?? component.title,
    unit: component.unit,
    kind: colour ? 'colour' : difference ? 'difference' : images.has(component.role) ? 'image' : 'map',
    role: component.role,
    shape: [slices, rows, columns],
    range: component.range,
    integer: component.integer,
    inverted: component.inverted,
    colours: coloursOf(component),
    spacing: description.spacingMm,
    planes: description.planes,
    frameOfReference: description.frameOfReference,
    description,
    component,
    remarks: remarksOf(description, component),
    reference: null,
    image: null,
    load: (slice) => loadBytes(url(slice)).then(checked),
    peek: (slice) => {
      const buffer = peekBytes(url(slice));
      return buffer === undefined ? undefined : checked(buffer);
    },
    urls: (slice) => [url(slice)],
    firstWindow: async (slice, values) => {
      const leader = windowLeader(description, component);
      if (leader === component) return ownWindow(component, values);
      const [depth] = leader.shape;
      return componentSource(description, leader).firstWindow(
        Math.min(slice, depth - 1),
        await componentSource(description, leader).load(Math.min(slice, depth - 1)),
      );
    },
  };
  return source;
}

function ownWindow(component: Component, values: Values): Window {
  if (component.format === 'rgba8') return { centre: 127.5, width: 255 };
  if (component.role === 'evidence') return windowOf(0, 1);
  if (component.role === 'difference') {
    const most = Math.max(Math.abs(component.range[0]), Math.abs(component.range[1])) || 1;
    return windowOf(-most, most);
  }
  if (component.role === 'uncertainty')
    return windowOf(0, percentiles(values, [0.995])?.[0] || component.range[1] || 1);
  if (component.window !== null) return component.window;
  if (component.role === 'phase') return windowOf(-Math.PI, Math.PI);
  return percentileWindow(values, 0.01) ?? windowOf(...component.range);
}

/** What must be printed beside a map. */
function remarksOf(description: ItemDescription, component: Component): string[] {
  const samples = samplesOf(description);
  if (component.role !== 'uncertainty' || samples === null) return [];
  return [`${samples} samples${samples < 8 ? ' · indicative' : ''}`];
}

export function samplesOf({ result }: ItemDescription): number | null {
  const parameters = result?.parameters;
  if (parameters === null || typeof parameters !== 'object' || Array.isArray(parameters)) return null;
  return typeof parameters.samples === 'number' ? parameters.samples : null;
}
