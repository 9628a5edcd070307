/**
 * `npm test`: types, lint, layers, then every test; ends with one plain line "N passed, N failed, N skipped".
 * A check that fails (types, lint, layers) counts as one failed test.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePage } from '../main/browser/ensure-page.ts';
import { ensureChromium } from './install-chromium.ts';

const bin = (name: string): string => join('node_modules', '.bin', name);
const folder = mkdtempSync(join(tmpdir(), 'tangent-test-'));
const report = join(folder, 'report.json');
let passed = 0;
let failed = 0;
let skipped = 0;

const checks: readonly [name: string, command: string, args: string[]][] = [
  ['types', process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit']],
  [
    'types of the page',
    process.execPath,
    [join('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '-p', 'renderer'],
  ],
  ['lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['layers', process.execPath, [join('scripts', 'check-layers.ts')]],
];
const only = process.argv.slice(2);
if (only.length === 0) {
  for (const [name, command, args] of checks) {
    const result = spawnSync(command, args, { stdio: 'inherit' });
    if (result.status === 0) passed += 1;
    else {
      failed += 1;
      console.error(`check "${name}" failed`);
    }
  }
}

// Once, before tests that run side by side need them.
ensureChromium();
try {
  await ensurePage((text) => console.log(text));
} catch (error) {
  failed += 1;
  console.error(String(error));
}

const run = spawnSync(
  process.execPath,
  [
    join('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...only,
  ],
  { stdio: 'inherit' },
);
try {
  const result = JSON.parse(readFileSync(report, 'utf8')) as {
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
    numTodoTests: number;
    numFailedTestSuites: number;
  };
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  skipped += result.numPendingTests + result.numTodoTests;
  if (run.status !== 0 && result.numFailedTests === 0) failed += Math.max(1, result.numFailedTestSuites);
} catch (error) {
  console.error(`vitest left no report: ${String(error)}`);
  failed += 1;
}
rmSync(folder, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);
