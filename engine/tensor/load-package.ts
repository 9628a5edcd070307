/** Loading of packages that need not be installed. */
import { createRequire } from 'node:module';
import { EngineError } from '../errors.ts';

const require = createRequire(import.meta.url);

/** Whether the package is installed where this engine finds it. Runs none of its code. */
export function packageFound(name: string): boolean {
  return (require.resolve.paths(name) ?? []).some((folder) => {
    try {
      require.resolve(`${folder}/${name}/package.json`);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * The package's exports. Errors: `unsupported` when it is absent or does not load, with the command that adds it.
 */
export async function loadPackage(name: string): Promise<Record<string, unknown>> {
  if (!packageFound(name))
    throw new EngineError('unsupported', `the package ${name} is not installed`, { hint: `npm install ${name}` });
  try {
    const loaded: Record<string, unknown> = await import(name);
    return loaded;
  } catch (cause) {
    throw new EngineError('unsupported', `the package ${name} does not load: ${reasonOf(cause)}`, {
      cause,
      hint: `npm install ${name}`,
    });
  }
}

/** The first line of what went wrong. */
export function reasonOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n')[0];
}
