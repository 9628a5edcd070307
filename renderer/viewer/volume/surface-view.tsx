/** The surface of one value through a volume. */
import { useEffect, useMemo, useState } from 'react';
import type { ShownComponent } from '../../app/workspace.ts';
import { Button } from '../../components/button.tsx';
import { numberText } from '../maths/number-text.ts';
import { percentiles } from '../maths/window-level.ts';
import { useViewState } from '../view-state.ts';
import { isoSurface } from './iso-surface.ts';
import { MeshStage } from './mesh-stage.tsx';
import type { TriangleMesh } from './obj-mesh.ts';
import { useVolume } from './use-volume.ts';

/** Voxels taken at most; larger volumes are thinned evenly. */
const voxelsMost = 2 ** 21;

const close = () => useViewState.setState({ surface: null });

export function SurfaceView({ shown }: { shown: ShownComponent }) {
  const { volume, problem } = useVolume(shown);
  const [level, setLevel] = useState<number | null>(null);
  const [mesh, setMesh] = useState<TriangleMesh | null>(null);
  const [failed, setFailed] = useState('');
  const limits = useMemo(() => (volume === null ? null : percentiles(volume.values, [0.02, 0.6, 0.995])), [volume]);
  const at = level ?? limits?.[1] ?? null;
  const spacing = volume?.description.spacingMm;
  const known = spacing !== undefined && !spacing.includes(null);
  useEffect(() => {
    if (volume === null || at === null) return;
    const timer = setTimeout(() => {
      const { shape } = volume.component;
      const stride = Math.max(1, Math.ceil(Math.cbrt((shape[0] * shape[1] * shape[2]) / voxelsMost)));
      const [dz, dy, dx] = volume.description.spacingMm;
      try {
        setMesh(isoSurface(volume.values, shape, [dz ?? 1, dy ?? 1, dx ?? 1], at, stride));
        setFailed('');
      } catch (thrown) {
        setFailed(thrown instanceof Error ? thrown.message : String(thrown));
      }
    }, 150);
    return () => clearTimeout(timer);
  }, [volume, at]);
  return (
    <div className="volume-view">
      <MeshStage
        name={volume?.description.title ?? 'volume'}
        mesh={mesh}
        problem={problem || failed}
        unit={known ? 'mm' : ''}
        onLeave={close}
      >
        {limits !== null && at !== null && (
          <label>
            Level {numberText(at, 3)}
            <input
              type="range"
              min={limits[0]}
              max={limits[2]}
              step={(limits[2] - limits[0]) / 200 || 1}
              value={at}
              onChange={(event) => setLevel(Number(event.currentTarget.value))}
            />
          </label>
        )}
        <Button onPress={close}>Back to the viewports</Button>
      </MeshStage>
    </div>
  );
}
