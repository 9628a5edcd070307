/** What the host and its reader process say to one another. Both sides parse what they receive. */
import { z } from 'zod';
import { badge, itemDescription, itemId, itemSummary, tagNode } from '../api/item.ts';

const count = z.int().min(0);
const path = z.string().min(1);

/** How the reader finds an item's content again: plain data, kept by the host over a restart of the reader. */
export const recipe = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('dicom'),
    /** In slice order. */
    slices: z.array(z.strictObject({ path, frame: count })),
    colour: z.boolean(),
  }),
  /** NIfTI, .npy and .npz volumes. */
  z.strictObject({ kind: z.literal('array'), path }),
  z.strictObject({ kind: z.literal('scan'), path }),
  z.strictObject({ kind: z.literal('result'), folder: path }),
  z.strictObject({ kind: z.literal('solution'), folder: path }),
]);
export type Recipe = z.output<typeof recipe>;

export const entry = z.strictObject({
  summary: itemSummary,
  /** Null where it takes reading the pixels; asked for then. */
  description: itemDescription.nullable(),
  recipe,
});
export type Entry = z.output<typeof entry>;

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

/** Requests and their answers. */
export const requests = {
  /** Answered when the search has ended; `true` when it was stopped. */
  open: {
    input: z.strictObject({
      scan: z.string(),
      paths: z.array(path),
      badges: z.array(badge),
      /** Only folders with a result.json, of this folder. */
      results: z.boolean(),
    }),
    output: z.strictObject({ stopped: z.boolean() }),
  },
  result: { input: z.strictObject({ folder: path }), output: entry },
  describe: { input: z.strictObject({ id: itemId }), output: itemDescription },
  tags: {
    input: z.strictObject({ id: itemId, slice: count }),
    output: z.strictObject({ file: z.string(), tags: z.array(tagNode) }),
  },
  /** Slices [from, to) of a component, one after the other: float32 or rgba8. */
  pixels: {
    input: z.strictObject({ id: itemId, revision: count, component: z.string(), from: count, to: count }),
    output: z.strictObject({ bytes }),
  },
  /** PNG. */
  thumbnail: { input: z.strictObject({ id: itemId, revision: count }), output: z.strictObject({ bytes }) },
} as const;
export type RequestName = keyof typeof requests;
export type RequestInput<N extends RequestName> = z.output<(typeof requests)[N]['input']>;
export type RequestOutput<N extends RequestName> = z.output<(typeof requests)[N]['output']>;

export const toReader = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('start'), temporary: path }),
  z.strictObject({ type: z.literal('request'), id: count, name: z.string(), input: z.unknown() }),
  z.strictObject({ type: z.literal('restore'), entry }),
  z.strictObject({ type: z.literal('stop'), scan: z.string() }),
  z.strictObject({ type: z.literal('forget'), id: itemId }),
]);
export type ToReader = z.output<typeof toReader>;

const failure = z.strictObject({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  path: z.string().optional(),
});

export const fromReader = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('answer'), id: count, value: z.unknown() }),
  z.strictObject({ type: z.literal('failed'), id: count, error: failure }),
  z.strictObject({
    type: z.literal('progress'),
    scan: z.string(),
    filesSeen: count,
    skipped: count,
    unreadable: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
  }),
  z.strictObject({ type: z.literal('entry'), scan: z.string(), entry }),
]);
export type FromReader = z.output<typeof fromReader>;
