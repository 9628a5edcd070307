/**
 * The one typed interface between a screen and the host: calls with an answer, and events. Both sides parse what they
 * receive with these schemas. Bytes have routes of their own (data-routes.ts).
 */
import { z } from 'zod';
import { methodList, priorCard, solverForm } from './catalogue.ts';
import { handle, itemDescription, itemId, itemSummary, tagNode } from './item.ts';
import { estimate, jobId, jobRecord, jobRequest, reconstructRequest } from './job.ts';
import { settings } from './settings.ts';

const nothing = z.strictObject({});
const one = z.strictObject({ id: itemId });
const oneJob = z.strictObject({ id: jobId });
const named = z.strictObject({ handle, name: z.string() });

export const scanId = z.string().regex(/^s[a-z0-9]{8,64}$/);

export const appDescription = z.strictObject({
  version: z.string(),
  host: z.enum(['electron', 'browser']),
  /** Folders the user gave with --root; browsed by handle. */
  roots: z.array(named),
  /** The bundled demo scan is there. */
  demo: z.boolean(),
  devices: z.array(z.strictObject({ name: z.string(), available: z.boolean(), reason: z.string() })),
  /** "Research use only – not for diagnostic use". */
  notice: z.string(),
});

export const browseEntry = z.strictObject({
  handle,
  name: z.string(),
  kind: z.enum(['folder', 'file']),
  bytes: z.number(),
});

/** One search for images and scans below what the user opened. */
export const openProgress = z.strictObject({
  scan: scanId,
  state: z.enum(['running', 'done', 'stopped', 'failed']),
  filesSeen: z.int(),
  /** Files that hold no image and no scan. */
  skipped: z.int(),
  /** Images that could not be read, with the reason; no patient text. */
  unreadable: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
  items: z.array(itemId),
  error: z.string().nullable(),
});
export type OpenProgress = z.output<typeof openProgress>;

const call = <I extends z.ZodType, O extends z.ZodType>(input: I, output: O) => ({ input, output });

export const calls = {
  'app.describe': call(nothing, appDescription),
  'settings.read': call(nothing, settings),
  'settings.write': call(settings.partial(), settings),
  /** Native dialog; `unsupported` in a browser, which uploads or browses roots instead. */
  'files.choose': call(
    z.strictObject({
      purpose: z.enum(['open-files', 'open-folder', 'save-file', 'save-folder']),
      suggestedName: z.string().max(200).default(''),
    }),
    z.strictObject({ chosen: z.array(named) }),
  ),
  'files.browse': call(z.strictObject({ handle }), z.strictObject({ entries: z.array(browseEntry) })),
  'library.open': call(
    z.strictObject({ handles: z.array(handle).min(1).max(100_000) }),
    z.strictObject({ scan: scanId }),
  ),
  'library.openDemo': call(nothing, z.strictObject({ scan: scanId })),
  'library.stop': call(z.strictObject({ scan: scanId }), nothing),
  'library.list': call(
    z.strictObject({ search: z.string().max(200).default('') }),
    z.strictObject({ items: z.array(itemSummary) }),
  ),
  'library.describe': call(one, itemDescription),
  'library.tags': call(
    z.strictObject({ id: itemId, slice: z.int().min(0) }),
    z.strictObject({ file: z.string(), tags: z.array(tagNode) }),
  ),
  /** Off the list; files stay. */
  'library.close': call(one, nothing),
  /** Deletes the folder of a result made here. */
  'library.remove': call(one, nothing),
  /** For an item; without one, for scans of a kind that are still to be found. */
  'catalogue.methods': call(z.union([one, z.strictObject({ measured: z.enum(['MRI', 'CT']) })]), methodList),
  'catalogue.priors': call(nothing, z.strictObject({ priors: z.array(priorCard) })),
  'catalogue.solvers': call(nothing, z.strictObject({ solvers: z.array(solverForm) })),
  'jobs.estimate': call(reconstructRequest, estimate),
  'jobs.start': call(jobRequest, oneJob),
  'jobs.list': call(nothing, z.strictObject({ jobs: z.array(jobRecord) })),
  'jobs.cancel': call(z.strictObject({ id: jobId, keepPartial: z.boolean().default(false) }), nothing),
  'jobs.pause': call(oneJob, nothing),
  'jobs.resume': call(oneJob, nothing),
  /** A new job with the same request; of a batch, its failed scans. */
  'jobs.retry': call(oneJob, oneJob),
  'jobs.remove': call(oneJob, nothing),
  /** The command line that does the same; with placeholders for file names. */
  'results.command': call(
    z.strictObject({ request: jobRequest.optional(), result: itemId.optional() }),
    z.strictObject({ command: z.string() }),
  ),
  /** Runs the request of a result again on the same input, to compare hashes. */
  'results.replay': call(one, oneJob),
} as const;

export type CallName = keyof typeof calls;
export type CallInput<N extends CallName> = z.input<(typeof calls)[N]['input']>;
export type CallRequest<N extends CallName> = z.output<(typeof calls)[N]['input']>;
export type CallOutput<N extends CallName> = z.output<(typeof calls)[N]['output']>;

export const hostEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('job'), job: jobRecord }),
  z.strictObject({ type: z.literal('job-removed'), id: jobId }),
  z.strictObject({ type: z.literal('open'), progress: openProgress }),
  z.strictObject({ type: z.literal('item'), item: itemSummary }),
  z.strictObject({ type: z.literal('item-removed'), id: itemId }),
  z.strictObject({ type: z.literal('settings'), settings }),
  /** What `app.describe` says has changed: the devices are known. */
  z.strictObject({ type: z.literal('app'), app: appDescription }),
  /** A menu entry or key of the native shell: a command id of the page. */
  z.strictObject({ type: z.literal('command'), command: z.string().max(64) }),
]);
export type HostEvent = z.output<typeof hostEvent>;

/** An answer on the wire. */
export const callAnswer = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), value: z.unknown() }),
  z.strictObject({
    ok: z.literal(false),
    error: z.strictObject({
      code: z.string(),
      message: z.string(),
      hint: z.string().nullable(),
      path: z.string().nullable(),
    }),
  }),
]);
export type CallAnswer = z.output<typeof callAnswer>;
