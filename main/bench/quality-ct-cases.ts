/** The CT acquisitions of the quality benchmark, parallel beam, and what DDS must gain on each. */

export const ctMethodIds = ['fbp', 'cg', 'sirt', 'tv', 'tv3d', 'dds'] as const;
export type CtMethodId = (typeof ctMethodIds)[number];

export interface CtCase {
  id: string;
  title: string;
  views: number;
  /** The views are at k·arc/V, k = 0 … V − 1. */
  arcDeg: number;
  /** Least gain of DDS in dB over a method. */
  bars: readonly { over: CtMethodId; least: number }[];
}

const sparse = (views: number, bars: CtCase['bars'] = []): CtCase => ({
  ...{ id: `sv${views}`, title: `sparse view: ${views} views over 180°`, views, arcDeg: 180, bars },
});

/** One view per degree. */
const limited = (arcDeg: number, bars: CtCase['bars'] = []): CtCase => ({
  ...{ id: `la${arcDeg}`, title: `limited angle: ${arcDeg} views over ${arcDeg}°`, views: arcDeg, arcDeg, bars },
});

export const ctCases: readonly CtCase[] = [
  sparse(60),
  sparse(30),
  sparse(16, [
    { over: 'fbp', least: 3 },
    { over: 'tv3d', least: 1 },
  ]),
  sparse(8, [
    { over: 'fbp', least: 5 },
    { over: 'tv3d', least: 2 },
  ]),
  limited(120),
  limited(90, [{ over: 'tv3d', least: 2 }]),
];
