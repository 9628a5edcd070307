import { expect, test } from 'vitest';
import { programVersion } from '../../main/program-version.ts';
import { jsonOf, tangent } from './tangent-process.ts';

test('doctor --json is one object that names devices, packages and priors', async () => {
  const result = await tangent(['doctor', '--json']);
  expect(result.code).toBe(0);
  expect(jsonOf(result)).toMatchObject({
    tangent: programVersion(),
    node: process.version,
    cpu: { wasm_simd: expect.any(Boolean), threads: expect.any(Number) },
    devices: [{ name: 'cpu' }, { name: 'webgpu' }, { name: 'cuda' }],
    tensor_backends: [
      { backend: 'cuda' },
      { backend: 'webgpu' },
      { backend: 'wasm', available: true },
      { backend: 'cpu' },
    ],
    packages: expect.arrayContaining([expect.objectContaining({ name: 'onnxruntime-node', required: true })]),
    priors: expect.any(Array),
    ok: expect.any(Boolean),
  });
});

test('doctor says how to add each missing package', async () => {
  const result = await tangent(['doctor', '--json']);
  const { packages } = jsonOf(result) as { packages: { version: string | null; fix: string | null }[] };
  for (const { version, fix } of packages) expect(fix === null).toBe(version !== null);
});

test('doctor prints tables for a person', async () => {
  const { code, stdout } = await tangent(['doctor']);
  expect(code).toBe(0);
  for (const word of ['onnxruntime-node', 'wasm SIMD', 'cpu', 'prior']) expect(stdout).toContain(word);
});
