/** The errors of the module's specification; messages begin with its own codes. */
import { EngineError, type ErrorCode } from '../../errors.ts';

const codes = {
  E_SHAPE: 'mismatch',
  E_TOO_FEW_OBSERVATIONS: 'bad-input',
  E_INDEX: 'bad-input',
  E_INPUT_VALUE: 'bad-input',
  E_ZERO_RANGE: 'bad-input',
  E_DIMENSION: 'bad-input',
  E_TOO_FEW_POINTS: 'bad-input',
  E_PARAM: 'bad-usage',
} as const satisfies Record<string, ErrorCode>;

export function rvgpError(code: keyof typeof codes, message: string, path?: string, hint?: string): EngineError {
  return new EngineError(codes[code], `${code}: ${message}`, {
    ...(path === undefined ? {} : { path }),
    ...(hint === undefined ? {} : { hint }),
  });
}
