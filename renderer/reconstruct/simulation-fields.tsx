/** The scan that is simulated from an image before it is reconstructed. */
import { NumberField } from '../components/number-field.tsx';
import { Select } from '../components/select.tsx';
import type { Draft } from './draft.ts';
import { titleOf } from './form-model.ts';

interface SimulationProps {
  draft: Draft;
  change: (change: Partial<Draft>) => void;
}

/** An empty field keeps the last number. */
const kept = (set: (value: number) => void) => (value: number) => {
  if (!Number.isNaN(value)) set(value);
};

export function MriSimulation({ draft, change, masks }: SimulationProps & { masks: readonly string[] }) {
  const { simulate } = draft;
  const set = (part: Partial<Draft['simulate']>) => change({ simulate: { ...simulate, ...part } });
  return (
    <div className="field-grid">
      <NumberField
        label="Acceleration"
        unit="×"
        minValue={1}
        maxValue={64}
        step={1}
        value={simulate.accel}
        onChange={kept((accel) => set({ accel }))}
      />
      <NumberField
        label="Coils"
        minValue={1}
        maxValue={64}
        step={1}
        value={simulate.coils}
        onChange={kept((coils) => set({ coils }))}
      />
      <Select
        label="Sampling pattern"
        options={masks.map((id) => ({ id, title: titleOf(id) }))}
        value={simulate.mask}
        onChange={(mask) => set({ mask })}
      />
      <NumberField
        label="Centre kept"
        unit="%"
        minValue={0}
        maxValue={100}
        value={Number((100 * simulate.acs).toPrecision(6))}
        onChange={kept((percent) => set({ acs: percent / 100 }))}
      />
      <NumberField
        label="Noise"
        unit="%"
        help="Of the bright signal."
        minValue={0}
        maxValue={100}
        value={Number((100 * simulate.noise).toPrecision(6))}
        onChange={kept((percent) => set({ noise: percent / 100 }))}
      />
    </div>
  );
}

export function CtSimulation({ draft, change }: SimulationProps) {
  const { simulateCt } = draft;
  const set = (part: Partial<Draft['simulateCt']>) => change({ simulateCt: { ...simulateCt, ...part } });
  return (
    <div className="field-grid">
      <NumberField
        label="Views"
        minValue={1}
        maxValue={100_000}
        step={1}
        value={simulateCt.angles}
        onChange={kept((angles) => set({ angles }))}
      />
      <NumberField
        label="Arc"
        unit="°"
        minValue={1}
        maxValue={360}
        value={simulateCt.arc}
        onChange={kept((arc) => set({ arc }))}
      />
      <Select
        label="Beam"
        options={[
          { id: 'parallel', title: 'Parallel' },
          { id: 'fan', title: 'Fan' },
          { id: 'cone', title: 'Cone' },
        ]}
        value={simulateCt.geometry}
        onChange={(id) => {
          const geometry = id === 'fan' || id === 'cone' ? id : 'parallel';
          set({ geometry, arc: geometry === 'parallel' ? Math.min(simulateCt.arc, 180) : 360 });
        }}
      />
      <NumberField
        label="Photons per ray"
        placeholder="fixed noise"
        minValue={1}
        maxValue={1e15}
        value={simulateCt.photons ?? Number.NaN}
        onChange={(photons) => set({ photons: Number.isNaN(photons) ? null : photons })}
      />
      {simulateCt.photons === null && (
        <NumberField
          label="Noise"
          unit="%"
          minValue={0}
          maxValue={100}
          value={Number((100 * simulateCt.noise).toPrecision(6))}
          onChange={kept((percent) => set({ noise: percent / 100 }))}
        />
      )}
    </div>
  );
}
