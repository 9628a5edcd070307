/** Images between [B, C, H, W] (the engine's) and [B, H, W, C] (TensorFlow.js' convolutions). */

export type ImageShape = readonly [batch: number, channels: number, height: number, width: number];

export function toChannelsLast(data: Float32Array, [batch, channels, height, width]: ImageShape): Float32Array {
  const area = height * width;
  const out = new Float32Array(data.length);
  for (let b = 0; b < batch; b++)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < area; i++) out[(b * area + i) * channels + c] = data[(b * channels + c) * area + i];
  return out;
}

/** `shape` is [B, C, H, W], that of the result. */
export function toChannelsFirst(data: Float32Array, [batch, channels, height, width]: ImageShape): Float32Array {
  const area = height * width;
  const out = new Float32Array(data.length);
  for (let b = 0; b < batch; b++)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < area; i++) out[(b * channels + c) * area + i] = data[(b * area + i) * channels + c];
  return out;
}
