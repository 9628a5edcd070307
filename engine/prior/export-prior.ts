/** A prior's network as one file for other programs. */
import { check } from '../errors.ts';
import { describeNetwork } from './architectures/architecture.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { verifiedWeights } from './load-prior.ts';
import { emitOnnx } from './onnx/emit-onnx.ts';
import { loadManifest, priorRoots } from './prior-folder.ts';
import { openSafetensors, writeSafetensors } from './safetensors.ts';

export interface ExportOptions {
  format: 'onnx' | 'safetensors';
  weights?: 'float32' | 'float16';
  roots?: string[];
}

/**
 * Writes a prior's network to `file`: ONNX with inputs `x` [batch, C, height, width] and `t` [batch] and output `eps_v`,
 * in the conventions of the manifest (prediction, timeInput), or safetensors. Throws `unsupported` for priors that are
 * ONNX files already, and as `loadPrior` does.
 */
export async function exportPrior(nameOrFolder: string, file: string, options: ExportOptions): Promise<void> {
  const { manifest, folder } = await loadManifest(nameOrFolder, options.roots ?? priorRoots());
  const { architecture } = manifest;
  check(architecture.kind !== 'onnx', () => `prior ${manifest.id} is an ONNX file already`, {
    code: 'unsupported',
    path: folder,
    hint: `copy ${manifest.weights.file} from its folder`,
  });
  const source = await openSafetensors(await verifiedWeights(manifest, folder));
  const weights = options.weights ?? 'float32';
  try {
    if (options.format === 'safetensors') {
      await writeSafetensors(file, source, { dtype: weights === 'float16' ? 'F16' : 'F32' });
      return;
    }
    const { model } = emitOnnx(describeNetwork(architecture), source, { weights });
    await writeFileAtomic(file, async (write) => {
      for (const chunk of model.chunks) await write(chunk instanceof Uint8Array ? chunk : await chunk.read());
    });
  } finally {
    await source.close();
  }
}
