/** `tangent doctor`: what this machine has, what is missing, how to add it. */
import { z } from 'zod';
import { verifiedWeights } from '../../../engine/prior/load-prior.ts';
import { listPriors } from '../../../engine/prior/registry.ts';
import { toEngineError } from '../../host/engine-error.ts';
import { programVersion } from '../../program-version.ts';
import { command } from '../command.ts';
import { commonOptions } from '../option-types.ts';
import { runJobFor } from '../run-job.ts';
import { pairs, table } from '../table.ts';

interface PriorState {
  name: string;
  ok: boolean;
  hash: string | null;
  detail: string;
}

export const doctor = command({
  name: 'doctor',
  usage: '[options]',
  description: 'Shows devices, packages and priors found, what is missing, and how to add it.',
  positionals: [],
  options: z.strictObject(commonOptions),
  run: async (_, terminal) => {
    const machine = await runJobFor(terminal, 'doctor', {});
    const priors = await installedPriors();
    if (priors.length === 0) terminal.note('no priors found: tangent priors import adds one');
    const problems = [
      ...(machine.cpu.wasm_simd ? [] : ['the processor or this Node has no WebAssembly SIMD: transforms are slow']),
      ...machine.devices.filter((d) => d.name === 'cpu' && !d.available).map((d) => `cpu: ${d.detail} → ${d.fix}`),
      ...machine.packages.filter((p) => p.required && p.version === null).map((p) => `${p.name} missing → ${p.fix}`),
      ...priors.filter((prior) => !prior.ok).map((prior) => `prior ${prior.name}: ${prior.detail}`),
    ];
    terminal.print(
      pairs([
        ['tangent', programVersion()],
        ['node', machine.node],
        ['platform', machine.platform],
        ['processor', `${machine.cpu.model}, ${machine.cpu.threads} threads`],
        ['wasm SIMD', machine.cpu.wasm_simd ? 'yes' : 'no'],
        ['memory', `${machine.memory_gib.total} GiB, ${machine.memory_gib.free} GiB free`],
        [
          'ONNX Runtime',
          machine.onnxruntime.error === null
            ? `${machine.onnxruntime.version} (${machine.onnxruntime.providers.map((p) => `${p.name}${p.bundled ? '' : ' not bundled'}`).join(', ')})`
            : `did not load: ${machine.onnxruntime.error}`,
        ],
      ]),
    );
    terminal.print(
      `\n${table(
        ['device', 'works', 'detail'],
        machine.devices.map((d) => [
          d.name,
          d.available ? 'yes' : 'no',
          d.fix === null ? d.detail : `${d.detail}; ${d.fix}`,
        ]),
        ['left', 'left', 'left'],
      )}`,
    );
    terminal.print(
      `\n${table(
        ['TensorFlow.js', 'works', 'detail'],
        machine.tensor_backends.map((b) => [
          b.backend,
          b.available ? 'yes' : 'no',
          b.fix === null ? b.detail : `${b.detail}; ${b.fix}`,
        ]),
        ['left', 'left', 'left'],
      )}`,
    );
    terminal.print(
      `\n${table(
        ['package', 'version', 'for'],
        machine.packages.map((p) => [
          p.name,
          p.version ?? (p.required ? 'MISSING' : '–'),
          p.fix === null ? p.purpose : `${p.purpose}; add: ${p.fix}`,
        ]),
        ['left', 'left', 'left'],
      )}`,
    );
    terminal.print(
      `\n${table(
        ['prior', 'state', 'detail'],
        priors.map((prior) => [prior.name, prior.ok ? 'ok' : 'BROKEN', prior.detail]),
        ['left', 'left', 'left'],
      )}`,
    );
    terminal.print(
      problems.length === 0 ? '\nReady.' : `\nTo mend:\n${problems.map((line) => `  ${line}`).join('\n')}`,
    );
    terminal.result({ tangent: programVersion(), ...machine, priors, problems, ok: problems.length === 0 });
    return 0;
  },
});

/** Every prior found, its weights compared with the hash in its card. */
async function installedPriors(): Promise<PriorState[]> {
  const states: PriorState[] = [];
  for (const { name, folder, manifest, problem } of await listPriors()) {
    if (manifest === undefined) {
      states.push({ name, ok: false, hash: null, detail: `${problem ?? 'the card is not valid'}; import it again` });
      continue;
    }
    const { sha256 } = manifest.weights;
    try {
      await verifiedWeights(manifest, folder);
      states.push({ name, ok: true, hash: sha256, detail: `${manifest.title}; hash ${sha256.slice(0, 12)} checked` });
    } catch (thrown) {
      const { message, hint } = toEngineError(thrown);
      states.push({ name, ok: false, hash: sha256, detail: hint === undefined ? message : `${message}; ${hint}` });
    }
  }
  return states;
}
