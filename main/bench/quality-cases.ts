/** The three acquisitions of the table, and what DDS must gain on each. */
import type { ImageScan } from '../../engine/io/scan.ts';
import { effectiveAcceleration } from '../../engine/physics/mri/masks.ts';
import type { MethodRow } from './quality-baseline.ts';
import { type QualityMethodId, runMethods, type Tools } from './quality-methods.ts';
import { type Acquisition, simulateScenes } from './quality-scene.ts';
import { type Estimate, type JudgedBar, judge, pairedGain, summary } from './quality-statistics.ts';

export interface QualityCase extends Acquisition {
  id: string;
  title: string;
  /** Least gain of DDS in dB over a method. */
  bars: readonly { over: QualityMethodId; least: number }[];
}

export const qualityCases: readonly QualityCase[] = [
  {
    id: 'r4',
    title: '8 coils, uniform1d R 4, ACS 8 %, noise 1 %',
    ...{ coils: 8, mask: 'uniform1d', acceleration: 4, acs: 0.08, noise: 0.01 },
    bars: [
      { over: 'cg-sense', least: 2 },
      { over: 'l1-wavelet', least: 0.7 },
      { over: 'bart-wavelet', least: 0.7 },
    ],
  },
  {
    id: 'r8',
    title: '8 coils, uniform1d R 8, ACS 4 %, noise 1 %',
    ...{ coils: 8, mask: 'uniform1d', acceleration: 8, acs: 0.04, noise: 0.01 },
    bars: [
      { over: 'cg-sense', least: 3 },
      { over: 'l1-wavelet', least: 1.5 },
      { over: 'bart-wavelet', least: 1.5 },
    ],
  },
  {
    id: 'single',
    title: '1 coil, gaussian1d R 4, ACS 8 %, noise 1 %',
    ...{ coils: 1, mask: 'gaussian1d', acceleration: 4, acs: 0.08, noise: 0.01 },
    bars: [{ over: 'l1-wavelet', least: 2 }],
  },
];

export interface ScoredRow extends MethodRow {
  summary: ReturnType<typeof summary>;
  /** PSNR of `dds` over this method; absent on DDS rows and without DDS. */
  gain?: Estimate;
}

export interface CaseResult {
  id: string;
  title: string;
  acquisition: Acquisition & { seed: number; maps: 'estimated' | 'true'; measuredAcceleration: number };
  slices: number[];
  methods: ScoredRow[];
  bars: JudgedBar[];
}

export interface CaseOptions {
  slices: readonly number[];
  methods: readonly QualityMethodId[];
  seed: number;
  trueMaps: boolean;
}

export async function runCase(
  kind: QualityCase,
  scan: ImageScan,
  { slices, methods, seed, trueMaps }: CaseOptions,
  tools: Tools,
): Promise<CaseResult> {
  const { id, bars, coils, mask, acceleration, acs, noise } = kind;
  const acquisition: Acquisition = { coils, mask, acceleration, acs, noise };
  const title = `${kind.title}${trueMaps && coils > 1 ? ' (true maps)' : ''}`;
  tools.note(`${title}: ${slices.length} slices`);
  const scenes = await simulateScenes(scan, slices, acquisition, { seed, trueMaps }, tools.context);
  const rows = await runMethods(methods, scenes, id, tools);
  return {
    id,
    title,
    acquisition: {
      ...acquisition,
      seed,
      maps: trueMaps ? 'true' : 'estimated',
      measuredAcceleration: effectiveAcceleration(scenes[0].slice.mask),
    },
    slices: [...slices],
    methods: scored(rows),
    bars: judgeGains(bars, rows),
  };
}

export function scored(rows: readonly MethodRow[]): ScoredRow[] {
  const dds = rows.find((row) => row.id === 'dds');
  return rows.map((row) => ({
    ...row,
    summary: summary(row.bySlice),
    ...(dds && !row.id.startsWith('dds') ? { gain: pairedGain(dds.bySlice, row.bySlice) } : {}),
  }));
}

export function judgeGains(bars: QualityCase['bars'], rows: readonly MethodRow[]): JudgedBar[] {
  const dds = rows.find((row) => row.id === 'dds');
  return bars.map(({ over, least }) => {
    const other = rows.find((row) => row.id === over);
    const found = dds && other ? pairedGain(dds.bySlice, other.bySlice) : null;
    return judge({ what: `dds over ${over}`, least }, found);
  });
}
