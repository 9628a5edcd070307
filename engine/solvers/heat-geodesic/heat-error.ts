/** The errors of the module's specification; messages begin with its own codes. */
import { EngineError, type ErrorCode } from '../../errors.ts';

const codes = {
  E_INPUT_VALUE: 'bad-input',
  E_INPUT_AMBIGUOUS: 'bad-usage',
  E_INPUT_MISSING: 'bad-usage',
  E_TOO_FEW_POINTS: 'bad-input',
  E_ZERO_RANGE: 'bad-input',
  E_AFFINITY: 'bad-input',
  E_ISOLATED: 'bad-input',
  E_SHAPE: 'mismatch',
  E_TOO_LARGE: 'resource',
  E_PARAM: 'bad-usage',
} as const satisfies Record<string, ErrorCode>;

export function heatError(code: keyof typeof codes, message: string, path?: string, hint?: string): EngineError {
  return new EngineError(codes[code], `${code}: ${message}`, {
    ...(path === undefined ? {} : { path }),
    ...(hint === undefined ? {} : { hint }),
  });
}

export type Warnings = { code: string; message: string; value?: number }[];
