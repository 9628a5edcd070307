/** Damage done to a valid file: bits flipped, bytes inserted or overwritten by extreme values, the end cut off. */
import fc from 'fast-check';

export type Mutation =
  | { kind: 'flip'; place: number; bit: number }
  | { kind: 'insert'; place: number; bytes: number[] }
  | { kind: 'extreme'; place: number; width: number; value: number }
  | { kind: 'truncate'; place: number };

/** Fraction of the file, more often near its beginning, where headers are. */
const place = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 0.1, noNaN: true }));

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), place, bit: fc.nat(7) }),
  fc.record({
    kind: fc.constant('insert' as const),
    place,
    bytes: fc.array(fc.nat(255), { minLength: 1, maxLength: 9 }),
  }),
  fc.record({
    kind: fc.constant('extreme' as const),
    place,
    width: fc.constantFrom(1, 2, 4, 8),
    value: fc.constantFrom(0, 0x7f, 0x80, 0xff),
  }),
  fc.record({ kind: fc.constant('truncate' as const), place }),
);

export const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });

export function mutate(original: Uint8Array, steps: readonly Mutation[]): Uint8Array {
  // Copies: slice() of Node's Buffers is a view.
  let bytes: Uint8Array = new Uint8Array(original);
  for (const step of steps) {
    const at = Math.min(bytes.length - 1, Math.floor(step.place * bytes.length));
    if (bytes.length === 0) break;
    if (step.kind === 'flip') bytes[at] ^= 1 << step.bit;
    else if (step.kind === 'extreme') bytes.fill(step.value, at, at + step.width);
    else if (step.kind === 'truncate') bytes = bytes.slice(0, at);
    else bytes = Uint8Array.from([...bytes.subarray(0, at), ...step.bytes, ...bytes.subarray(at)]);
  }
  return bytes;
}
