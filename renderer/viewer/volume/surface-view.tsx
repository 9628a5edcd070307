/** The surface of one value through a volume. */
import { useMemo, useState } from 'react';
import type { ShownComponent } from '../../app/workspace.ts';
import { Button } from '../../components/button.tsx';
import { numberText } from '../maths/number-text.ts';
import { percentiles } from '../maths/window-level.ts';
import { useViewState } from '../view-state.ts';
import { MeshStage } from './mesh-stage.tsx';
import { otsuLevel } from './otsu-level.ts';
import { useSurface } from './use-surface.ts';
import { useVolume } from './use-volume.ts';

const close = () => useViewState.setState({ surface: null });

export function SurfaceView({ shown }: { shown: ShownComponent }) {
  const { volume, problem } = useVolume(shown);
  const [level, setLevel] = useState<number | null>(null);
  const limits = useMemo(() => (volume === null ? null : percentiles(volume.values, [0.01, 0.995])), [volume]);
  const guess = useMemo(
    () => (volume === null || limits === null ? null : otsuLevel(volume.values, limits[0], limits[1])),
    [volume, limits],
  );
  const at = level ?? guess;
  const { mesh, problem: failed } = useSurface(volume, at);
  const spacing = volume?.description.spacingMm;
  const known = spacing !== undefined && !spacing.includes(null);
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
              max={limits[1]}
              step={(limits[1] - limits[0]) / 200 || 1}
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
