/** Makes surfaces of one volume off the interface's thread. */
import { isoSurface } from './iso-surface.ts';
import type { FromSurfaceWorker, ToSurfaceWorker } from './surface-messages.ts';

let volume: Extract<ToSurfaceWorker, { kind: 'volume' }> | null = null;
// The page's types do not know a worker's own scope.
const scope = self as unknown as {
  onmessage: ((event: MessageEvent<ToSurfaceWorker>) => void) | null;
  postMessage(message: FromSurfaceWorker, transfer?: Transferable[]): void;
};

scope.onmessage = ({ data }) => {
  if (data.kind === 'volume') {
    volume = data;
    return;
  }
  const { turn, level } = data;
  if (volume === null) return;
  try {
    const { vertices, faces } = isoSurface(volume.values, volume.shape, volume.spacing, level);
    scope.postMessage({ turn, vertices, faces }, [vertices.buffer, faces.buffer]);
  } catch (thrown) {
    scope.postMessage({ turn, problem: thrown instanceof Error ? thrown.message : String(thrown) });
  }
};
