/** Weight files by content, not by name. */
import { open } from 'node:fs/promises';
import { check, EngineError } from '../errors.ts';
import { openCheckpoint } from './checkpoint-pt.ts';
import { openSafetensors } from './safetensors.ts';
import type { WeightSource } from './weights.ts';

export type WeightFormat = 'pt' | 'safetensors' | 'onnx';

/** First field of an ONNX file: ir_version, a varint below 128. */
const onnxFirstByte = 0x08;

/** Tells the three formats apart by their first bytes. Throws `not-found` or `bad-input`. */
export async function weightFormat(path: string): Promise<WeightFormat> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new EngineError('not-found', 'the weight file cannot be read', { path, cause });
  });
  try {
    check((await file.stat()).isFile(), () => 'the weight file is not a file', { path });
    const head = new Uint8Array(16);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    check(bytesRead >= 9, () => `a weight file has at least 9 bytes, found ${bytesRead}`, { path });
    if (head[0] === 0x50 && head[1] === 0x4b) return 'pt';
    if (head[8] === 0x7b) return 'safetensors';
    if (head[0] === 0x80) return 'pt';
    if (head[0] === onnxFirstByte) return 'onnx';
  } finally {
    await file.close();
  }
  throw new EngineError('bad-input', 'not a weight file: neither PyTorch checkpoint, safetensors nor ONNX', { path });
}

/** Opens a .pt or .safetensors file as named tensors. */
export async function openWeights(path: string): Promise<WeightSource> {
  const format = await weightFormat(path);
  if (format === 'pt') return openCheckpoint(path);
  if (format === 'safetensors') return openSafetensors(path);
  throw new EngineError('bad-input', 'an ONNX file is a whole network, not named tensors', { path });
}
