/** Runs a solver on files: result.json and one file per output. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { checkpoint, type RunContext, subContext } from '../../../engine/context.ts';
import { EngineError } from '../../../engine/errors.ts';
import { writeFolderAtomic } from '../../../engine/io/atomic-folder.ts';
import { checkTarget } from '../../../engine/recon/result-target.ts';
import type { Artifact } from '../../../engine/solvers/artifact.ts';
import { findSolver } from '../../../engine/solvers/registry.ts';
import { parseSettings, type Solver, type SolverResult } from '../../../engine/solvers/sdk.ts';
import { parseSettingText } from '../../../engine/solvers/setting-text.ts';
import { programVersion } from '../../program-version.ts';
import { readArtifact } from '../artifacts/read-artifact.ts';
import { artifactFile } from '../artifacts/write-artifact.ts';
import { job } from '../job.ts';
import { namingFile } from '../open-input.ts';

const input = z.object({
  id: z.string(),
  out: z.string(),
  force: z.boolean(),
  /** Input name → path. */
  inputs: z.record(z.string(), z.string()),
  /** Parameter → text as typed. */
  settings: z.record(z.string(), z.string()),
  seed: z.int().optional(),
  /** The experiment of the paper; takes no inputs and no settings. */
  demo: z.boolean().default(false),
});

export const solveResult = z.object({
  solver: z.string(),
  version: z.string(),
  params: z.record(z.string(), z.json()),
  seed: z.number(),
  device: z.string(),
  metrics: z.record(z.string(), z.number().nullable()),
  seconds: z.number(),
  artifacts: z.record(z.string(), z.string()),
  warnings: z.array(z.object({ code: z.string(), message: z.string(), value: z.number().optional() })),
});

/** Settings by the manifest's types, checked before any file is read. `--seed` is the seed unless `--set seed` is given. */
function settingsOf(solver: Solver, request: z.output<typeof input>): Record<string, unknown> {
  const { manifest } = solver;
  const settings: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(request.settings)) settings[name] = parseSettingText(manifest, name, text);
  const seeded = Object.hasOwn(manifest.parameters.shape, 'seed');
  if (seeded && request.seed !== undefined && settings.seed === undefined) settings.seed = request.seed;
  parseSettings(manifest, settings);
  return settings;
}

async function readInputs(solver: Solver, paths: Readonly<Record<string, string>>): Promise<Record<string, Artifact>> {
  const slots = solver.manifest.inputs;
  for (const name of Object.keys(paths))
    if (!slots.some((slot) => slot.name === name))
      throw new EngineError('bad-usage', `${solver.manifest.id} has no input "${name}"`, {
        path: '--input',
        hint: `Inputs are ${slots.map((slot) => slot.name).join(', ')}.`,
      });
  const artifacts: Record<string, Artifact> = {};
  for (const slot of slots) {
    const path = paths[slot.name];
    if (path === undefined) {
      if (!slot.required) continue;
      throw new EngineError('bad-usage', `${solver.manifest.id} needs the input ${slot.name}`, {
        path: '--input',
        hint: `${slot.description} Write --input ${slot.name}=FILE.`,
      });
    }
    artifacts[slot.name] = await readArtifact(slot, path).catch((thrown) => {
      throw namingFile(thrown, path);
    });
  }
  return artifacts;
}

/** Throws `bad-usage` when there is none, or with inputs or settings, which it would not heed. */
function demoOf(solver: Solver, request: z.output<typeof input>, context: RunContext): Promise<SolverResult> {
  const { id } = solver.manifest;
  if (solver.demo === undefined)
    throw new EngineError('bad-usage', `${id} has no demo`, {
      path: '--demo',
      hint: id === 'dds' ? 'tangent demo reconstructs a real scan.' : 'Give it inputs.',
    });
  if (Object.keys(request.inputs).length + Object.keys(request.settings).length > 0)
    throw new EngineError('bad-usage', 'a demo takes no inputs and no parameters', {
      path: '--demo',
      hint: 'Leave --input and --set out; --seed is heeded.',
    });
  return solver.demo(request.seed ?? 0, subContext(context, 0.02, 0.98));
}

/** Throws `numerical` when a metric is NaN; an infinite one (a perfect PSNR) becomes null. */
function finiteMetrics(result: SolverResult): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(result.metrics).map(([name, value]) => {
      if (Number.isNaN(value)) throw new EngineError('numerical', `metric ${name} is not a number`, { path: name });
      return [name, value !== null && Number.isFinite(value) ? value : null];
    }),
  );
}

export const solve = job({
  input,
  output: z.object({ folder: z.string(), result: solveResult }),
  run: async (request, context) => {
    const solver = findSolver(request.id);
    const settings = settingsOf(solver, request);
    await checkTarget(request.out, request.force);
    const start = performance.now();
    context.progress({ fraction: 0, stage: 'load' });
    const result = request.demo
      ? await demoOf(solver, request, context)
      : await solver.run(await readInputs(solver, request.inputs), settings, subContext(context, 0.02, 0.98));
    const atomic = { force: true, signal: context.signal };
    const record = await writeFolderAtomic(request.out, atomic, async (folder) => {
      const artifacts: Record<string, string> = {};
      for (const [name, artifact] of Object.entries(result.artifacts)) {
        await checkpoint(context);
        const file = artifactFile(artifact);
        if (file === undefined) continue;
        const base = ('file' in artifact ? artifact.file : undefined) ?? name;
        artifacts[name] = `${base}.${file.ending}`;
        await writeFile(join(folder, artifacts[name]), file.content);
      }
      const seed = result.parameters.seed;
      const written = solveResult.parse({
        solver: request.id,
        version: programVersion(),
        params: result.parameters,
        seed: typeof seed === 'number' ? seed : (request.seed ?? 0),
        device: context.device,
        metrics: finiteMetrics(result),
        seconds: (performance.now() - start) / 1000,
        artifacts,
        warnings: result.warnings,
      });
      await writeFile(join(folder, 'result.json'), `${JSON.stringify(written, null, 2)}\n`);
      return written;
    });
    return { folder: request.out, result: record };
  },
});
