/**
 * WGSL programs for Fourier transforms of rows. Each computes one part, real or imaginary, of a complex result from both
 * parts of its input; `sign` picks the part and the direction. All angles come from tables made in float64.
 */

/** What TensorFlow.js's WebGPU backend runs: the shader and how it is spread over workgroups. */
export interface Program {
  readonly variableNames: string[];
  readonly outputShape: number[];
  readonly uniforms: string;
  readonly workgroupSize: [number, number, number];
  readonly dispatchLayout: { x: number[] };
  dispatch: [number, number, number];
  readonly shaderKey: string;
  readonly size: true;
  getUserCode(): string;
}

const WORKGROUP = 64;

function program(name: string, shape: number[], inputs: string[], uniforms: string, body: string): Program {
  const size = shape.reduce((product, n) => product * n, 1);
  return {
    variableNames: inputs,
    outputShape: shape,
    uniforms,
    workgroupSize: [WORKGROUP, 1, 1],
    dispatchLayout: { x: shape.map((_, axis) => axis) },
    dispatch: [Math.ceil(size / WORKGROUP), 1, 1],
    shaderKey: `tangent-${name}`,
    size: true,
    getUserCode: () => `
      fn main(index : i32) {
        if (index >= uniforms.size) { return; }
        ${body}
      }
    `,
  };
}

/**
 * One pass of radix r over rows of n, Stockham's ordering (Van Loan, Computational Frameworks for the FFT, 1992, §1.7),
 * with now = n/stride and m = now/r:
 *   y[q + s (r p + j)] = Σ_{i < r} x[q + s (p + m i)] exp(∓2πi j (p + m i)/now),   q < s, p < m, j < r.
 * same, other: the part wanted and the other one, [rows, n]; roots: cos, sin of 2πt/n, t < n.
 */
export function passProgram(rows: number, n: number): Program {
  return program(
    'fft-pass',
    [rows, n],
    ['same', 'other', 'roots'],
    'n : i32, radix : i32, stride : i32, sign : f32, scale : f32,',
    `
        let row = (index / uniforms.n) * uniforms.n;
        let position = index - row;
        let q = position % uniforms.stride;
        let block = position / uniforms.stride;
        let j = block % uniforms.radix;
        let p = block / uniforms.radix;
        let now = uniforms.n / uniforms.stride;
        let m = now / uniforms.radix;
        var sum = 0.0;
        // The root's index j (p + m i) mod now: both terms are below now, so subtraction keeps it in range.
        var turn = j * p;
        let step = j * m;
        var source = row + q + uniforms.stride * p;
        for (var i = 0; i < uniforms.radix; i = i + 1) {
          let root = 2 * turn * uniforms.stride;
          sum = sum + same[source] * roots[root] + uniforms.sign * other[source] * roots[root + 1];
          turn = turn + step;
          if (turn >= now) { turn = turn - now; }
          source = source + uniforms.stride * m;
        }
        setOutputAtIndex(index, uniforms.scale * sum);
    `,
  );
}

/**
 * Rows of `length` numbers times a row of complex factors, cut or zero-padded to `outLength`:
 *   y[k] = x[k] (f[k] or its conjugate) for k < length, else 0.   factors: re, im of f.
 */
export function factorProgram(rows: number, outLength: number): Program {
  return program(
    'fft-factor',
    [rows, outLength],
    ['same', 'other', 'factors'],
    'n : i32, outLength : i32, sign : f32, scale : f32,',
    `
        let row = index / uniforms.outLength;
        let k = index - row * uniforms.outLength;
        var value = 0.0;
        if (k < uniforms.n) {
          let at = row * uniforms.n + k;
          value = uniforms.scale * (same[at] * factors[2 * k] + uniforms.sign * other[at] * factors[2 * k + 1]);
        }
        setOutputAtIndex(index, value);
    `,
  );
}
