/** Network description + weights → ONNX file content for images of one size, through WinogradBuilder. */
import { type NetworkDescription, parameterShapes } from '../graph.ts';
import { checkWeights, type WeightSource } from '../weights.ts';
import { collect, valueInfo } from './emit-onnx.ts';
import { Message } from './protobuf.ts';
import type { Feature } from './row-phases.ts';
import { type DerivedWeight, type Handle, WinogradBuilder, type WinogradOptions } from './winograd-builder.ts';

function describe(network: NetworkDescription, options: WinogradOptions): { g: WinogradBuilder; result: string } {
  const g = new WinogradBuilder(options);
  const { height, width } = options;
  const x: Feature = { channels: network.inputs, height, width, phases: ['x'] };
  const t: Feature = { channels: 1, height: 1, width: 1, phases: ['t'] };
  return { g, result: g.finish(network.build<Handle>(g, x, t)) };
}

/** Whether the network has convolutions that Winograd's algorithm makes faster. */
export function gainsFromWinograd(network: NetworkDescription): boolean {
  const size = 4 * network.multiple;
  return describe(network, { height: size, width: size }).g.winogradCount > 0;
}

/**
 * Inputs `x` float32 [batch, C, height, width] with height and width fixed (multiples of the network's), `t` float32
 * [batch]; output `eps_v`. Equal to the plain graph but for rounding. Throws `mismatch` when the weights do not fit.
 */
export async function emitWinograd(
  network: NetworkDescription,
  source: WeightSource,
  options: WinogradOptions,
): Promise<Uint8Array> {
  checkWeights(parameterShapes(network), source);
  const { height, width } = options;
  const { g, result } = describe(network, options);
  const graph = new Message();
  for (const node of g.base.nodes) graph.message(1, node);
  graph.message(1, new Message().string(1, result).string(2, 'eps_v').string(3, 'output').string(4, 'Identity'));
  graph.string(2, 'tangent');
  for (const constant of g.base.constants) graph.message(5, constant);
  const tensor = (name: string, dims: readonly number[], data: Float32Array) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    graph.message(5, new Message().ints(1, dims).int(2, 1).string(8, name).bytes(9, bytes));
  };
  for (const { name, dims } of g.base.parameters.values()) tensor(name, dims, await source.read(name));
  for (const [from, group] of Map.groupBy<string, DerivedWeight>(g.derived.values(), (d) => d.from)) {
    const data = await source.read(from);
    for (const { name, dims, derive } of group) tensor(name, dims, derive(data));
  }
  graph.message(11, valueInfo('x', ['batch', network.inputs, height, width]));
  graph.message(11, valueInfo('t', ['batch']));
  graph.message(12, valueInfo('eps_v', ['batch', network.outputs, height, width]));
  for (const [name, dims] of g.rows.shapes) graph.message(13, valueInfo(name, dims));
  const model = new Message().int(1, 8).string(2, 'tangent').message(7, graph);
  return collect(model.message(8, new Message().string(1, '').int(2, 17)));
}
