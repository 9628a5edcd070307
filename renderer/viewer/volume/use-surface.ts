/** The surface of one level of a volume, made in a worker; the last one asked for wins. */
import { useEffect, useRef, useState } from 'react';
import type { TriangleMesh } from './obj-mesh.ts';
import type { FromSurfaceWorker, ToSurfaceWorker } from './surface-messages.ts';
import { thinVolume } from './thin-volume.ts';
import type { Volume } from './use-volume.ts';

/** Voxels taken at most; larger volumes are thinned evenly. */
const voxelsMost = 2 ** 21;

export function useSurface(
  volume: Volume | null,
  level: number | null,
): { mesh: TriangleMesh | null; problem: string } {
  const [state, setState] = useState<{ mesh: TriangleMesh | null; problem: string }>({ mesh: null, problem: '' });
  const worker = useRef<Worker | null>(null);
  const turn = useRef(0);
  useEffect(() => {
    if (volume === null) return;
    const made = new Worker(new URL('./surface-worker.ts', import.meta.url), { type: 'module' });
    worker.current = made;
    made.onmessage = ({ data }: MessageEvent<FromSurfaceWorker>) => {
      if (data.turn !== turn.current) return;
      if ('problem' in data) setState((old) => ({ ...old, problem: data.problem }));
      else setState({ mesh: { vertices: data.vertices, faces: data.faces }, problem: '' });
    };
    made.onerror = () => setState((old) => ({ ...old, problem: 'The surface could not be made.' }));
    const { values, shape, stride } = thinVolume(volume.values, volume.component.shape, voxelsMost);
    const [dz, dy, dx] = volume.description.spacingMm.map((spacing) => (spacing ?? 1) * stride);
    const message: ToSurfaceWorker = { kind: 'volume', values, shape, spacing: [dz, dy, dx] };
    made.postMessage(message, [values.buffer]);
    return () => {
      worker.current = null;
      made.terminate();
    };
  }, [volume]);
  useEffect(() => {
    if (volume === null || level === null) return;
    turn.current += 1;
    const message: ToSurfaceWorker = { kind: 'level', level, turn: turn.current };
    const timer = setTimeout(() => worker.current?.postMessage(message), 100);
    return () => clearTimeout(timer);
  }, [volume, level]);
  return state;
}
