/** An output of a solver as a file named after it. */
import { EngineError } from '../../../engine/errors.ts';
import { writeNpy } from '../../../engine/io/npy.ts';
import { writeNpz } from '../../../engine/io/npz.ts';
import { contactSheet } from '../../../engine/recon/preview-contact-sheet.ts';
import { encodePng } from '../../../engine/recon/preview-png.ts';
import type { Artifact } from '../../../engine/solvers/artifact.ts';
import { writeCsv } from './csv.ts';
import { writeObj } from './obj.ts';
import { writeStl } from './stl.ts';

export interface ArtifactFile {
  ending: string;
  content: Uint8Array | string;
}

/** Undefined for metrics, which stand in result.json. */
export function artifactFile(artifact: Artifact): ArtifactFile | undefined {
  switch (artifact.type) {
    case 'picture': {
      const { array } = artifact;
      const shape = array.shape.length === 2 ? [1, ...array.shape] : array.shape;
      return { ending: 'png', content: encodePng(contactSheet({ ...array, shape })) };
    }
    case 'table':
    case 'curve':
      return { ending: 'csv', content: writeCsv(artifact.columns) };
    case 'graph':
      return { ending: 'json', content: `${JSON.stringify(artifact.json, null, 2)}\n` };
    case 'mesh':
      return artifact.format === 'stl'
        ? { ending: 'stl', content: writeStl(artifact) }
        : { ending: 'obj', content: writeObj(artifact) };
    case 'model':
      if (artifact.arrays === undefined) throw new EngineError('internal', 'a model was returned without weights');
      return { ending: 'npz', content: writeNpz(artifact.arrays) };
    case 'metrics':
      return undefined;
    default:
      return { ending: 'npy', content: writeNpy(artifact.array) };
  }
}
