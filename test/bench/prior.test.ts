/** The prior benchmark on a tiny network, against a stand-in for PyTorch that answers what it is told. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PriorReport, priorBar, run } from '../../main/bench/prior.ts';
import { formatPrior } from '../../main/bench/prior-table.ts';
import type { BenchContext } from '../../main/cli/bench-context.ts';
import { writeTinyPrior } from '../prior/tiny-prior.ts';

const folder = mkdtempSync(join(tmpdir(), 'tangent-bench-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const home = join(folder, 'tiny');

function context(printed: string[] = []): BenchContext {
  const signal = new AbortController().signal;
  return { signal, seed: 1, device: 'cpu', threads: 1, json: false, print: (t) => printed.push(t), note: () => {} };
}

/** An executable that greets and answers like models/training/bench_prior.py; outputs are zeros. */
function standIn(name: string, greeting: unknown, seconds: Record<string, number>): string {
  const program = join(folder, `${name}.mjs`);
  writeFileSync(
    program,
    `import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const option = (key) => process.argv[process.argv.indexOf(key) + 1];
const numbers = option('--shape').split(',').reduce((n, s) => n * Number(s), 1);
const seconds = ${JSON.stringify(seconds)};
console.log(JSON.stringify(${JSON.stringify(greeting)}));
createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb, way, file] = line.split(' ');
  if (verb === 'output') writeFileSync(file, new Uint8Array(4 * numbers));
  console.log(JSON.stringify(verb === 'run' ? { wall: seconds[way], cpu: 2 * seconds[way] } : {}));
});
`,
  );
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

const bench = (python: string, printed: string[] = []): Promise<PriorReport> =>
  run([`--prior=${home}`, '--size=13', '--runs=3', `--python=${python}`], context(printed));

beforeAll(() => writeTinyPrior(home));

describe('bench prior', () => {
  it('compares with the fastest float32 way of the peer', async () => {
    const greeting = { version: '9.9', ways: ['eager', 'compiled', 'bfloat16'], failed: { onednn: 'no such thing' } };
    const printed: string[] = [];
    const report = await bench(standIn('peer', greeting, { eager: 30, compiled: 20, bfloat16: 1 }), printed);
    expect(report.size).toEqual([16, 16]);
    expect(report.rows.map(({ name }) => name)).toEqual([
      ...['tangent', 'tangent, plain graph'],
      ...['PyTorch eager', 'PyTorch compiled', 'PyTorch bfloat16'],
    ]);
    expect(report.rows[3].median).toEqual({ wall: 20, cpu: 40 });
    expect(report.rows[0].difference).toBeLessThan(1e-5);
    expect(report.rows[1].difference).toBe(0);
    // Zeros differ from the network's output by its largest number.
    expect(report.rows[2].difference).toBe(report.largest);
    expect(report.pytorch).toMatchObject({ version: '9.9', best: 'PyTorch compiled' });
    expect(report.ratio?.wall).toBeCloseTo(20 / report.rows[0].median.wall, 6);
    expect(report.ratio?.cpu).toBeCloseTo(40 / report.rows[0].median.cpu, 6);
    expect(printed.join()).toContain('PyTorch onednn does not work here: no such thing');
  });

  it('goes without the peer, and says why', async () => {
    for (const [python, reason] of [
      [join(folder, 'no-such-python'), /ENOENT/],
      [standIn('mute', 'hello', {}), /version|invalid|expected/i],
    ] as const) {
      const report = await bench(python);
      expect(report.ratio).toBeNull();
      expect(report.rows).toHaveLength(2);
      expect(report.pytorch).toMatchObject({ missing: expect.stringMatching(reason) });
      expect(formatPrior(report)).toMatch(/PyTorch was left out/);
    }
  });

  it('states whether the bar is met', () => {
    const times = { median: { wall: 1, cpu: 1 }, least: { wall: 1, cpu: 1 }, difference: 0 };
    const pytorch = { version: '1', failed: {}, best: 'PyTorch eager' };
    const report = (wall: number): PriorReport => ({
      ...{ prior: 'p', size: [8, 8], threads: 2, runs: 1, largest: 1, rows: [{ name: 'tangent', ...times }], pytorch },
      ratio: { wall, cpu: 1, bar: priorBar, pass: wall >= priorBar },
    });
    expect(formatPrior(report(1.4))).toMatch(/1\.40 times as fast[\s\S]*1\.3 by the wall: pass/);
    expect(formatPrior(report(1.2))).toMatch(/FAIL/);
  });

  it('refuses options it does not know and sizes out of range', async () => {
    await expect(run(['--speed=3'], context())).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(run([`--prior=${home}`, '--size=1'], context())).rejects.toMatchObject({ path: '--size' });
  });
});
