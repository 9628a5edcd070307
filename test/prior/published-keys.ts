/**
 * Names and shapes of the published checkpoints' tensors, written out from the table of their blocks, apart from the
 * program's own description of the network.
 */
type Shapes = Map<string, readonly number[]>;

/** [channels in, channels out, resampled, attention follows], first encoder blocks, then decoder blocks. */
const encoder = [
  [256, 256],
  [256, 256],
  [256, 256],
  [256, 256],
  [256, 512],
  [512, 512],
  [512, 512],
  [512, 512],
  [512, 1024],
  [1024, 1024],
  [1024, 1024],
] as const;
const decoder = [
  [2048, 1024],
  [2048, 1024],
  [2048, 1024],
  [1536, 1024],
  [1536, 512],
  [1024, 512],
  [1024, 512],
  [768, 512],
  [768, 256],
  [512, 256],
  [512, 256],
  [512, 256],
] as const;
const upBlocks = [1, 3, 5, 7, 9];

function addPair(to: Shapes, name: string, weight: readonly number[]): void {
  to.set(`${name}.weight`, weight);
  to.set(`${name}.bias`, [weight[0]]);
}

function addRes(to: Shapes, name: string, inputs: number, outputs: number): void {
  addPair(to, `${name}.in_layers.0`, [inputs]);
  addPair(to, `${name}.in_layers.2`, [outputs, inputs, 3, 3]);
  addPair(to, `${name}.emb_layers.1`, [2 * outputs, 1024]);
  addPair(to, `${name}.out_layers.0`, [outputs]);
  addPair(to, `${name}.out_layers.3`, [outputs, outputs, 3, 3]);
  if (inputs !== outputs) addPair(to, `${name}.skip_connection`, [outputs, inputs, 1, 1]);
}

function addAttention(to: Shapes, name: string): void {
  addPair(to, `${name}.norm`, [1024]);
  addPair(to, `${name}.qkv`, [3072, 1024, 1]);
  addPair(to, `${name}.proj_out`, [1024, 1024, 1]);
}

/** `ct`: the AAPM model, one channel, attention at 16×16; `mri`: the fastMRI model, two channels. */
export function publishedKeys(model: 'ct' | 'mri'): Shapes {
  const keys: Shapes = new Map();
  const ct = model === 'ct';
  const channels = ct ? 1 : 2;
  addPair(keys, 'time_embed.0', [1024, 256]);
  addPair(keys, 'time_embed.2', [1024, 1024]);
  addPair(keys, 'input_blocks.0.0', [256, channels, 3, 3]);
  for (const [i, [inputs, outputs]] of encoder.entries()) addRes(keys, `input_blocks.${i + 1}.0`, inputs, outputs);
  if (ct) addAttention(keys, 'input_blocks.9.1');
  addRes(keys, 'middle_block.0', 1024, 1024);
  addAttention(keys, 'middle_block.1');
  addRes(keys, 'middle_block.2', 1024, 1024);
  for (const [i, [inputs, outputs]] of decoder.entries()) {
    const name = `output_blocks.${i}`;
    const attention = ct && (i === 2 || i === 3);
    addRes(keys, `${name}.0`, inputs, outputs);
    if (attention) addAttention(keys, `${name}.1`);
    if (upBlocks.includes(i)) addRes(keys, `${name}.${attention ? 2 : 1}`, outputs, outputs);
  }
  addPair(keys, 'out.0', [256]);
  addPair(keys, 'out.2', [2 * channels, 256, 3, 3]);
  return keys;
}
