/** ISMRMRD files: the HDF5 layer. Decodes heads and samples; assemble-readouts.ts does the rest. */
import { EngineError } from '../errors.ts';
import { assembleReadouts } from './assemble-readouts.ts';
import { digestFiles } from './file-bytes.ts';
import { checkFinite } from './finite.ts';
import type { Hdf5File } from './hdf5-file.ts';
import { headDecoder, type Readout } from './ismrmrd-head.ts';
import { parseIsmrmrdHeader } from './ismrmrd-header.ts';
import { kspaceScan } from './kspace-scan.ts';
import type { KspaceScan } from './scan.ts';

/** Records read at once: enough to hide the cost of a call, few enough for the library's memory. */
const PORTION_BYTES = 1 << 25;
const MAX_PORTION = 4096;

async function readReadouts(file: Hdf5File, dataset: string): Promise<Readout[]> {
  const path = `${file.path}:${dataset}`;
  const described = await file.dataset(dataset);
  if (described === undefined || described.shape.length !== 1 || described.shape[0] < 1)
    throw new EngineError('bad-input', `readouts have shape [${described?.shape ?? ''}], expected one axis`, { path });
  const { type, shape } = described;
  const samples = type.members?.find((member) => member.name === 'data');
  const item = samples?.type.base;
  if (samples === undefined || item?.class !== 'float' || item.bytes !== 4 || !item.littleEndian)
    throw new EngineError('bad-input', 'readouts have no member "data" of variable-length float32', { path });
  const decode = headDecoder(type, path);
  const readouts: Readout[] = [];
  let portion = 1;
  for (let from = 0; from < shape[0]; ) {
    const count = Math.min(portion, shape[0] - from);
    const { fixed, sequences } = await file.records(dataset, from, count, [{ offset: samples.offset, itemBytes: 4 }]);
    const view = new DataView(fixed.buffer);
    const values = new Float32Array(sequences[0].bytes.buffer);
    let at = 0;
    for (let i = 0; i < count; i++) {
      const length = sequences[0].lengths[i];
      readouts.push({ head: decode(view, i * type.bytes), data: values.subarray(at, at + length) });
      at += length;
    }
    from += count;
    portion = Math.max(1, Math.min(MAX_PORTION, Math.floor(PORTION_BYTES / ((type.bytes + 4 * at) / count))));
  }
  return readouts;
}

/** Reads the measurement in one group of the file. */
export async function readIsmrmrd(file: Hdf5File, group: string): Promise<KspaceScan> {
  const header = parseIsmrmrdHeader(await file.text(`${group}/xml`), `${file.path}:${group}/xml`);
  const readouts = await readReadouts(file, `${group}/data`);
  const assembled = assembleReadouts(header, readouts, file.path);
  if (assembled.calibration !== undefined) checkFinite(assembled.calibration, 'calibration', file.path);
  if (assembled.noiseCovariance !== undefined) checkFinite(assembled.noiseCovariance, 'noise scan', file.path);
  return kspaceScan({ format: 'ismrmrd', digest: await digestFiles([file.path]), ...assembled }, file.path);
}
