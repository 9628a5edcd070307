/** Prints `tangent bench cg` with short settings: node test/bench/cg.bench.ts. */
import { benchCg, formatCgBench } from '../../main/bench/cg.ts';

const result = await benchCg({
  sizes: [256, 320],
  coils: 8,
  iterations: 20,
  runs: 3,
  threads: [1, 2],
  masks: ['poisson', 'uniform1d'],
  seed: 0,
  signal: new AbortController().signal,
  note: (text) => console.error(text),
});
console.log(formatCgBench(result));
