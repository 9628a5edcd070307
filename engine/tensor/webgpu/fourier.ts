/**
 * FFT and IFFT along the last axis on TensorFlow.js's WebGPU backend, in place of its sums over all pairs of points:
 *   FFT:  X[k] = Σ_j x[j] exp(−2πi jk/n),   IFFT:  x[j] = (1/n) Σ_k X[k] exp(2πi jk/n).
 * Mixed radix for lengths whose prime factors are at most 61, Bluestein's algorithm for the rest. The shipped kernel's
 * error reached 3.5e-4 on 20 points, because it computes angles in float32; these read them from float64-made tables.
 * Tables stay on the device for the life of the backend.
 */
import * as tf from '@tensorflow/tfjs-core';
import { radicesOf } from '../../arrays/fft/plan.ts';
import { fftAxis } from '../../arrays/fft.ts';
import { check, EngineError } from '../../errors.ts';
import { factorProgram, type Program, passProgram } from './fourier-programs.ts';

type TensorInfo = tf.TensorInfo;
interface Uniform {
  type: 'int32' | 'float32';
  data: number[];
}

/** What is used of the backend. */
interface WebgpuBackend {
  readonly tensorMap: { get(id: object): { complexTensorInfos?: { real: TensorInfo; imag: TensorInfo } } };
  makeTensorInfo(shape: number[], dtype: 'float32', values?: Float32Array): TensorInfo;
  runWebGPUProgram(program: Program, inputs: TensorInfo[], dtype: 'float32', uniforms: Uniform[]): TensorInfo;
  disposeData(id: object): boolean;
}

interface Parts {
  readonly re: TensorInfo;
  readonly im: TensorInfo;
}

/** Above this a prime is cheaper by Bluestein's algorithm than by its definition. */
const LARGEST_RADIX = 61;
const LARGEST_LENGTH = 2 ** 24;

const int = (value: number): Uniform => ({ type: 'int32', data: [value] });
const float = (value: number): Uniform => ({ type: 'float32', data: [value] });

class RowTransforms {
  private readonly backend: WebgpuBackend;
  private readonly tables = new Map<string, TensorInfo>();

  constructor(backend: WebgpuBackend) {
    this.backend = backend;
  }

  /** Transforms of rows of n times `scale`; `direction` −1 forward, +1 backward. The caller releases the result. */
  transform(x: Parts, rows: number, n: number, direction: 1 | -1, scale: number): Parts {
    const radices = radicesOf(n);
    return radices.every((radix) => radix <= LARGEST_RADIX)
      ? this.mixedRadix(x, rows, n, radices, direction, scale)
      : this.bluestein(x, rows, n, direction, scale);
  }

  private mixedRadix(x: Parts, rows: number, n: number, radices: number[], direction: 1 | -1, scale: number): Parts {
    const roots = this.table(`roots ${n}`, n, (t) => (2 * Math.PI * t) / n);
    if (radices.length === 0) return this.factor(x, roots, rows, n, n, direction, scale);
    let now = x;
    let stride = 1;
    for (const radix of radices) {
      const last = stride * radix === n ? scale : 1;
      const next = this.both(now, roots, direction, passProgram(rows, n), (sign) => [
        int(n),
        int(radix),
        int(stride),
        float(sign),
        float(last),
      ]);
      if (now !== x) this.release(now);
      now = next;
      stride *= radix;
    }
    return now;
  }

  /** L. I. Bluestein (1970): see engine/arrays/fft/plan.ts. `direction` turns every angle round. */
  private bluestein(x: Parts, rows: number, n: number, direction: 1 | -1, scale: number): Parts {
    const m = smoothFrom(2 * n - 1);
    const angle = (j: number) => (Math.PI * ((j * j) % (2 * n))) / n;
    const chirp = this.table(`chirp ${n}`, n, angle);
    const spectrum = this.spectrum(n, m, angle);
    const padded = this.factor(x, chirp, rows, n, m, direction, 1);
    const transformed = this.transform(padded, rows, m, direction, 1);
    const convolved = this.factor(transformed, spectrum, rows, m, m, -direction as 1 | -1, 1);
    const back = this.transform(convolved, rows, m, -direction as 1 | -1, 1);
    const cut = this.cut(back, rows, m, n);
    const out = this.factor(cut, chirp, rows, n, n, direction, scale);
    for (const parts of [padded, transformed, convolved, back, cut]) this.release(parts);
    return out;
  }

  /** Transform of the turned chirp, by 1/m: its conjugate belongs to direction +1. */
  private spectrum(n: number, m: number, angle: (j: number) => number): TensorInfo {
    const key = `spectrum ${n}`;
    const known = this.tables.get(key);
    if (known !== undefined) return known;
    const data = new Float32Array(2 * m);
    for (let j = 0; j < n; j++)
      for (const at of j === 0 ? [0] : [j, m - j]) {
        data[2 * at] = Math.cos(angle(j));
        data[2 * at + 1] = Math.sin(angle(j));
      }
    // fftAxis is centred and orthonormal: roll by floor(m/2) before and after, and scale by √m.
    const centre = 2 * Math.floor(m / 2);
    const rolled = new Float32Array(2 * m);
    rolled.set(data.subarray(0, 2 * m - centre), centre);
    rolled.set(data.subarray(2 * m - centre), 0);
    const spectrum = fftAxis(rolled, [m], 0, 'forward');
    const values = new Float32Array(2 * m);
    values.set(spectrum.subarray(centre), 0);
    values.set(spectrum.subarray(0, centre), 2 * m - centre);
    return this.keep(
      key,
      values.map((value) => value / Math.sqrt(m)),
    );
  }

  private cut(x: Parts, rows: number, from: number, to: number): Parts {
    const slice = tf.getKernel('Slice', 'webgpu');
    const part = (input: TensorInfo): TensorInfo => {
      const view = { dataId: input.dataId, shape: [rows, from], dtype: input.dtype };
      const made = slice.kernelFunc({
        inputs: { x: view },
        backend: this.backend,
        attrs: { begin: [0, 0], size: [rows, to] } as unknown as tf.NamedAttrMap,
      });
      return Array.isArray(made) ? made[0] : made;
    };
    return { re: part(x.re), im: part(x.im) };
  }

  private factor(
    x: Parts,
    factors: TensorInfo,
    rows: number,
    length: number,
    outLength: number,
    direction: 1 | -1,
    scale: number,
  ): Parts {
    return this.both(x, factors, direction, factorProgram(rows, outLength), (sign) => [
      int(length),
      int(outLength),
      float(sign),
      float(scale),
    ]);
  }

  /** Runs a program once per part: re = re·c − d im·s, im = im·c + d re·s for factors c + d i s. */
  private both(
    { re, im }: Parts,
    factors: TensorInfo,
    direction: 1 | -1,
    program: Program,
    uniforms: (sign: number) => Uniform[],
  ): Parts {
    const run = (same: TensorInfo, other: TensorInfo, sign: number) =>
      this.backend.runWebGPUProgram({ ...program }, [same, other, factors], 'float32', uniforms(sign));
    return { re: run(re, im, -direction), im: run(im, re, direction) };
  }

  private table(key: string, n: number, angle: (t: number) => number): TensorInfo {
    const known = this.tables.get(key);
    if (known !== undefined) return known;
    const values = new Float32Array(2 * n);
    for (let t = 0; t < n; t++) {
      values[2 * t] = Math.cos(angle(t));
      values[2 * t + 1] = Math.sin(angle(t));
    }
    return this.keep(key, values);
  }

  private keep(key: string, values: Float32Array): TensorInfo {
    const table = this.backend.makeTensorInfo([values.length], 'float32', values);
    this.tables.set(key, table);
    return table;
  }

  private release({ re, im }: Parts): void {
    this.backend.disposeData(re.dataId);
    this.backend.disposeData(im.dataId);
  }
}

/** The smallest 2^a 3^b 5^c from `least` on. */
function smoothFrom(least: number): number {
  for (let m = least; ; m++) {
    let rest = m;
    for (const p of [2, 3, 5]) while (rest % p === 0) rest /= p;
    if (rest === 1) return m;
  }
}

const transforms = new WeakMap<object, RowTransforms>();

function run(input: TensorInfo, raw: unknown, direction: 1 | -1): TensorInfo {
  const backend = raw as WebgpuBackend;
  const n = input.shape[input.shape.length - 1] ?? 0;
  check(n >= 1 && n <= LARGEST_LENGTH, () => `no Fourier transform of [${input.shape}]: lengths are 1 to 2^24`);
  const parts = backend.tensorMap.get(input.dataId).complexTensorInfos;
  if (parts === undefined)
    throw new EngineError('bad-input', `a Fourier transform takes a complex64 tensor, not ${input.dtype}`);
  let rows = transforms.get(backend);
  if (rows === undefined) transforms.set(backend, (rows = new RowTransforms(backend)));
  const batch = input.shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const flat = (t: TensorInfo): TensorInfo => ({ dataId: t.dataId, shape: [batch, n], dtype: 'float32' });
  const scale = direction === 1 ? 1 / n : 1;
  const { re, im } = rows.transform({ re: flat(parts.real), im: flat(parts.imag) }, batch, n, direction, scale);
  const shaped = (t: TensorInfo): TensorInfo => ({ dataId: t.dataId, shape: input.shape, dtype: 'float32' });
  const made = tf.getKernel('Complex', 'webgpu').kernelFunc({
    inputs: { real: shaped(re), imag: shaped(im) },
    backend,
    attrs: {},
  });
  // The complex tensor holds its parts now.
  backend.disposeData(re.dataId);
  backend.disposeData(im.dataId);
  return Array.isArray(made) ? made[0] : made;
}

/** Puts these kernels in the place of the shipped ones. Calling again does nothing new. */
export function registerWebgpuFourier(): void {
  for (const [kernelName, direction] of [
    ['FFT', -1],
    ['IFFT', 1],
  ] as const) {
    if (tf.getKernel(kernelName, 'webgpu') !== undefined) tf.unregisterKernel(kernelName, 'webgpu');
    tf.registerKernel({
      kernelName,
      backendName: 'webgpu',
      kernelFunc: ({ inputs, backend }) => run(inputs.input as TensorInfo, backend, direction),
    });
  }
}
