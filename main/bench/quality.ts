/**
 * `tangent bench quality`: every method on the same undersampled data, baselines at their best, DDS at its defaults.
 * Without --scan: slices of an image series with three simulated acquisitions. With --scan FILE.npy: a measured,
 * fully sampled scan under the masks beside it. With --ct: few views and limited angles of a CT series (quality-ct.ts).
 */
import { parseArgs } from 'node:util';
import type { RunContext } from '../../engine/context.ts';
import type { DdsInput } from '../../engine/dds/parameters.ts';
import { EngineError } from '../../engine/errors.ts';
import { openScan } from '../../engine/io/recognise.ts';
import { loadPrior } from '../../engine/prior/registry.ts';
import { defaultMriPrior } from '../../engine/recon/pipeline.ts';
import type { BenchContext } from '../cli/bench-context.ts';
import { bundledSeries } from '../host/bundled-series.ts';
import { resolveDevice } from '../host/resolve-device.ts';
import { openBart } from './bart.ts';
import { type CaseResult, qualityCases, runCase } from './quality-cases.ts';
import { type CtQualityReport, runCtQuality } from './quality-ct.ts';
import { type QualityMethodId, qualityMethodIds, type Tools } from './quality-methods.ts';
import { openMeasuredScan, runScan, type ScanResult } from './quality-scan.ts';
import { chooseSlices } from './quality-scene.ts';
import { formatCase, formatScan } from './quality-table.ts';

export const summary = 'PSNR, SSIM and NMSE of every method on the same data, beside bart pics.';

export interface QualityReport {
  /** Version, or null where it is not installed. */
  bart: string | null;
  prior: { name: string; hash: string } | null;
  cases?: CaseResult[];
  scan?: ScanResult[];
  wallSeconds: number;
  cpuSeconds: number;
}

const defaultSlices = 10;

/** MRI; or, with --ct, CT (quality-ct.ts). */
export async function run(args: readonly string[], context: BenchContext): Promise<QualityReport | CtQualityReport> {
  return args.includes('--ct')
    ? runCtQuality(
        args.filter((word) => word !== '--ct'),
        context,
      )
    : runMriQuality(args, context);
}

/** Options: --input=FILE --slices=10 --cases=r4,r8 --methods=… --maps=estimated|true --dds key=value … --scan=FILE.npy. */
export async function runMriQuality(args: readonly string[], context: BenchContext): Promise<QualityReport> {
  const options = parseOptions(args);
  const start = performance.now();
  const cpu = process.cpuUsage();
  const bart = options.methods.some((id) => id.startsWith('bart')) ? await openBart() : undefined;
  const engine = await engineContext(context);
  const { prior: priorName, ...dds } = options.dds;
  const prior = options.methods.includes('dds')
    ? await loadPrior(String(priorName ?? defaultMriPrior), { threads: engine.threads, device: engine.device })
    : undefined;
  if (!bart && options.methods.some((id) => id.startsWith('bart')))
    context.note('bart is not on PATH: its rows are left out. Install BART to compare.');
  try {
    const tools: Tools = {
      context: engine,
      note: context.note,
      bart,
      prior,
      dds: { seed: context.seed, ...dds } as DdsInput,
    };
    const report = options.scan
      ? { scan: await measured(options.scan, options, tools, context) }
      : { cases: await simulated(options, tools, context) };
    const { user, system } = process.cpuUsage(cpu);
    const wallSeconds = (performance.now() - start) / 1000;
    context.print(`\n${wallSeconds.toFixed(0)} s (${((user + system) / 1e6).toFixed(0)} CPU-s without bart's)`);
    return {
      bart: bart?.version ?? null,
      prior: prior ? { name: prior.name, hash: prior.hash } : null,
      ...report,
      wallSeconds,
      cpuSeconds: (user + system) / 1e6,
    };
  } finally {
    await prior?.dispose();
    await bart?.close();
  }
}

async function measured(
  path: string,
  { cases, methods }: Options,
  tools: Tools,
  context: BenchContext,
): Promise<ScanResult[]> {
  const scan = await openMeasuredScan(path);
  const results: ScanResult[] = [];
  for (const mask of cases ?? scan.masks.keys()) {
    const found = await runScan(scan, methods, [mask], tools);
    for (const result of found) context.print(`\n${formatScan(result)}`);
    results.push(...found);
  }
  return results;
}

async function simulated(
  { input, slices: count, cases, methods, trueMaps }: Options,
  tools: Tools,
  context: BenchContext,
): Promise<CaseResult[]> {
  const scan = await openScan(input ?? bundledSeries('--input FILE'));
  if (scan.kind !== 'image')
    throw new EngineError('bad-usage', `the input is ${scan.kind}, expected an image series`, {
      path: '--input',
      hint: 'Give measured k-space with --scan.',
    });
  const kinds = (cases ?? qualityCases.map(({ id }) => id)).map((id) => {
    const found = qualityCases.find((kind) => kind.id === id);
    if (found) return found;
    throw unknownWord('--cases', id, ids(qualityCases));
  });
  const slices = chooseSlices(scan.volume, count);
  const results: CaseResult[] = [];
  for (const kind of kinds) {
    const result = await runCase(kind, scan, { slices, methods, seed: context.seed, trueMaps }, tools);
    context.print(`\n${formatCase(result)}`);
    results.push(result);
  }
  return results;
}

interface Options {
  input: string | undefined;
  scan: string | undefined;
  slices: number;
  cases: string[] | undefined;
  methods: QualityMethodId[];
  trueMaps: boolean;
  dds: Record<string, unknown>;
}

function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const slices = Number(values.slices ?? defaultSlices);
  if (!Number.isInteger(slices) || slices < 1)
    throw new EngineError('bad-usage', `--slices is "${values.slices}", expected a whole number from 1`, {
      path: '--slices',
    });
  const maps = values.maps ?? 'estimated';
  if (maps !== 'estimated' && maps !== 'true') throw unknownWord('--maps', maps, ['estimated', 'true']);
  const methods = list(values.methods)?.map((id) => {
    const known = qualityMethodIds.find((method) => method === id);
    if (known) return known;
    throw unknownWord('--methods', id, qualityMethodIds);
  });
  return {
    input: values.input,
    scan: values.scan,
    slices,
    cases: list(values.cases),
    methods: methods ?? [...qualityMethodIds],
    trueMaps: maps === 'true',
    dds: Object.fromEntries([...(values.dds ?? []), ...positionals].map(setting)),
  };
}

function parse(args: readonly string[]) {
  const one = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ input: one, scan: one, slices: one, cases: one, methods: one, maps: one },
        dds: { type: 'string', multiple: true },
      },
      allowPositionals: true,
    });
  } catch (cause) {
    throw new EngineError('bad-usage', cause instanceof Error ? cause.message : String(cause), {
      hint: 'Options: --input, --scan, --slices, --cases, --methods, --maps, --dds key=value.',
      cause,
    });
  }
}

/** "steps=20" → ["steps", 20]. */
function setting(word: string): [string, unknown] {
  const at = word.indexOf('=');
  if (at < 1) throw new EngineError('bad-usage', `"${word}" is not key=value`, { path: '--dds' });
  const [key, text] = [word.slice(0, at), word.slice(at + 1)];
  if (text === 'true' || text === 'false') return [key, text === 'true'];
  const number = Number(text);
  return [key, text.trim() !== '' && Number.isFinite(number) ? number : text];
}

function list(text: string | undefined): string[] | undefined {
  return text === undefined ? undefined : [...new Set(text.split(',').map((word) => word.trim()))];
}

function ids(items: readonly { id: string }[]): string[] {
  return items.map(({ id }) => id);
}

function unknownWord(path: string, word: string, known: readonly string[]): EngineError {
  return new EngineError('bad-usage', `"${word}" is unknown`, { path, hint: `Choose some of ${known.join(', ')}.` });
}

async function engineContext({ signal, device, threads }: BenchContext): Promise<RunContext> {
  return { signal, progress: () => {}, log: () => {}, device: await resolveDevice(device), threads };
}
