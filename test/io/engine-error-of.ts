/** The EngineError a computation ends with; anything else thrown, or nothing, fails the test. */
import { expect } from 'vitest';
import { EngineError } from '../../engine/errors.ts';

export function engineErrorOf(run: () => unknown): EngineError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError);
    if (error instanceof EngineError) return error;
  }
  throw new Error('expected an EngineError, found none');
}

export async function engineErrorFrom(run: () => Promise<unknown>): Promise<EngineError> {
  try {
    await run();
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError);
    if (error instanceof EngineError) return error;
  }
  throw new Error('expected an EngineError, found none');
}
