/** Relaxed SIMD's fused multiply-add, which not every engine has. */
import { encodeModule, FunctionBuilder, get, loadSplat, store, vmadd } from './assembler.ts';
import { webAssembly } from './web-assembly.ts';

let supported: boolean | undefined;

/** Whether this engine compiles it; probed once. */
export function hasFusedMultiplyAdd(): boolean {
  if (supported === undefined) {
    const f = new FunctionBuilder('probe', 1);
    const v = loadSplat(get(0));
    f.emit(store(get(0), vmadd(v, v, v)));
    supported = webAssembly().validate(encodeModule([f], { initial: 1, maximum: 1 }));
  }
  return supported;
}
