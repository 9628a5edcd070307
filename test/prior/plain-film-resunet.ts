/**
 * film-resunet written out directly in float64, layer by layer, without the graph builder: the independent route the
 * ONNX output is compared with. One image at a time.
 */
import type { FilmResUNetConfig } from '../../engine/prior/architectures/film-resunet.ts';
import type { NamedTensor } from './reference-network.ts';

interface Map3 {
  c: number;
  h: number;
  w: number;
  data: Float64Array;
}

export function plainFilmResUNet(
  config: FilmResUNetConfig,
  tensors: ReadonlyMap<string, NamedTensor>,
  input: Map3,
  cNoise: number,
): Map3 {
  const get = (name: string): NamedTensor => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`no tensor ${name}`);
    return tensor;
  };

  function conv(x: Map3, name: string, stride: number, pad: number): Map3 {
    const { shape, data: k } = get(`${name}.weight`);
    const bias = get(`${name}.bias`).data;
    const [out, cin, kh, kw] = shape;
    const h = (x.h + 2 * pad - kh) / stride + 1;
    const w = (x.w + 2 * pad - kw) / stride + 1;
    const data = new Float64Array(out * h * w);
    for (let o = 0; o < out; o++)
      for (let y = 0; y < h; y++)
        for (let xx = 0; xx < w; xx++) {
          let sum = bias[o];
          for (let c = 0; c < cin; c++)
            for (let i = 0; i < kh; i++)
              for (let j = 0; j < kw; j++) {
                const sy = y * stride + i - pad;
                const sx = xx * stride + j - pad;
                if (sy < 0 || sx < 0 || sy >= x.h || sx >= x.w) continue;
                sum += k[((o * cin + c) * kh + i) * kw + j] * x.data[(c * x.h + sy) * x.w + sx];
              }
          data[(o * h + y) * w + xx] = sum;
        }
    return { c: out, h, w, data };
  }

  function linear(x: Float64Array, name: string): Float64Array {
    const { shape, data: k } = get(`${name}.weight`);
    const bias = get(`${name}.bias`).data;
    return Float64Array.from({ length: shape[0] }, (_, o) =>
      x.reduce((sum, v, i) => sum + k[o * shape[1] + i] * v, bias[o]),
    );
  }

  const relu = (v: Float64Array) => v.map((t) => Math.max(0, t));
  const plus = (a: Map3, b: Map3): Map3 => ({ ...a, data: a.data.map((v, i) => v + b.data[i]) });

  const half = config.embedding / 2;
  const angles = Array.from({ length: half }, (_, i) => (cNoise * Math.exp((Math.log(2) / 8) * i)) / 4);
  const embedding = relu(
    linear(relu(linear(Float64Array.from([...angles.map(Math.cos), ...angles.map(Math.sin)]), 'time1')), 'time2'),
  );

  function stage(x: Map3, name: string, blocks: number): Map3 {
    const film = linear(embedding, `${name}.film`);
    const area = x.h * x.w;
    let h: Map3 = {
      ...x,
      data: x.data.map((v, i) => v * (1 + film[Math.floor(i / area)]) + film[x.c + Math.floor(i / area)]),
    };
    for (let b = 0; b < blocks; b++) {
      const inner = conv(h, `${name}.blocks.${b}.conv1`, 1, 1);
      h = plus(h, conv({ ...inner, data: relu(inner.data) }, `${name}.blocks.${b}.conv2`, 1, 1));
    }
    return h;
  }

  function pixelShuffle(x: Map3): Map3 {
    const out: Map3 = { c: x.c / 4, h: 2 * x.h, w: 2 * x.w, data: new Float64Array(x.data.length) };
    for (let c = 0; c < out.c; c++)
      for (let y = 0; y < out.h; y++)
        for (let xx = 0; xx < out.w; xx++) {
          const source = 4 * c + 2 * (y % 2) + (xx % 2);
          out.data[(c * out.h + y) * out.w + xx] = x.data[(source * x.h + (y >> 1)) * x.w + (xx >> 1)];
        }
    return out;
  }

  const levels = config.mult.length - 1;
  const skips: Map3[] = [];
  let h = conv(input, 'head', 1, 1);
  for (let i = 0; i < levels; i++) {
    h = stage(h, `down_stages.${i}`, config.blocks[i]);
    skips.push(h);
    h = conv(h, `downs.${i}`, 2, 0);
  }
  h = stage(h, 'middle', config.blocks[levels]);
  for (let i = levels - 1; i >= 0; i--)
    h = stage(plus(pixelShuffle(conv(h, `ups.${i}`, 1, 0)), skips[i]), `up_stages.${i}`, config.blocks[i]);
  return conv(h, 'tail', 1, 1);
}
