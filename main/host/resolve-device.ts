/** From `--device` to the device a job runs on. */
import type { RunContext } from '../../engine/context.ts';
import { EngineError } from '../../engine/errors.ts';

/** Throws `unsupported` for a device this version cannot compute on. */
export function resolveDevice(name: string): RunContext['device'] {
  if (name === 'auto' || name === 'cpu') return 'cpu';
  throw new EngineError('unsupported', `the device "${name}" is not available in this version`, {
    path: '--device',
    hint: 'Use --device cpu or auto; tangent doctor lists what was found.',
  });
}
