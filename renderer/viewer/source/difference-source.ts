/** One image minus another, signed or its magnitude, in the images' unit; the gain narrows the window, not the values. */
import { percentileWindow } from '../maths/window-level.ts';
import type { Source, Values } from './source.ts';

const kept = new WeakMap<Values, WeakMap<Values, Map<boolean, Float32Array>>>();

function subtract(image: Values, reference: Values, absolute: boolean): Float32Array {
  let inner = kept.get(image);
  if (inner === undefined) kept.set(image, (inner = new WeakMap()));
  let both = inner.get(reference);
  if (both === undefined) inner.set(reference, (both = new Map()));
  let found = both.get(absolute);
  if (found === undefined) {
    found = new Float32Array(image.length);
    for (let i = 0; i < found.length; i++) {
      const value = image[i] - reference[i];
      found[i] = absolute ? Math.abs(value) : value;
    }
    both.set(absolute, found);
  }
  return found;
}

export function differenceSource(
  image: Source,
  reference: Source,
  { absolute, gain, label }: { absolute: boolean; gain: number; label?: string },
): Source {
  if (image.shape.some((size, axis) => size !== reference.shape[axis]))
    throw new Error(
      `no difference: ${image.title} has ${image.shape.join(' × ')} pixels, ${reference.title} ${reference.shape.join(' × ')}`,
    );
  if (image.unit !== reference.unit)
    throw new Error(
      `no difference: ${image.title} is in ${image.unit || 'no unit'}, ${reference.title} in ${reference.unit || 'no unit'}`,
    );
  const most = Math.max(
    Math.abs(image.range[1] - reference.range[0]),
    Math.abs(image.range[0] - reference.range[1]),
    Number.MIN_VALUE * 2 ** 60,
  );
  return {
    ...image,
    key: `${image.key}-minus-${reference.key}${absolute ? '-absolute' : ''}`.replaceAll('/', '_'),
    title: label ?? (absolute ? `|${image.title} − ${reference.title}|` : `${image.title} − ${reference.title}`),
    kind: 'difference',
    role: 'difference',
    range: absolute ? [0, most] : [-most, most],
    integer: false,
    inverted: false,
    colours: absolute ? 'ember' : 'diverging',
    component: null,
    remarks: [`${absolute ? 'absolute' : 'signed'} difference, gain ×${gain}`],
    reference,
    image,
    load: async (slice) => {
      const [a, b] = await Promise.all([image.load(slice), reference.load(slice)]);
      return subtract(a, b, absolute);
    },
    peek: (slice) => {
      const a = image.peek(slice);
      const b = reference.peek(slice);
      return a === undefined || b === undefined ? undefined : subtract(a, b, absolute);
    },
    urls: (slice) => [...image.urls(slice), ...reference.urls(slice)],
    // Gain 1: as much width as the images' own window shows, so that errors are seen in proportion to the picture.
    firstWindow: async (slice) => {
      const window = percentileWindow(await reference.load(slice), 0.01);
      const width = (window?.width ?? 2 * most) / gain;
      return absolute ? { centre: width / 4, width: width / 2 } : { centre: 0, width };
    },
  };
}
