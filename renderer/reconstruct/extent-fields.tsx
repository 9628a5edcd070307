/** How much is reconstructed: slices, samples, seed. */
import { NumberField } from '../components/number-field.tsx';
import { Select } from '../components/select.tsx';
import type { Draft } from './draft.ts';

interface ExtentProps {
  draft: Draft;
  change: (change: Partial<Draft>) => void;
}

export function SliceChoice({ draft, change, slices }: ExtentProps & { slices: number }) {
  if (slices < 2) return null;
  const middle = Math.floor(slices / 2);
  const range = draft.slices;
  const kind = range === null ? 'all' : range.from === middle && range.to === middle + 1 ? 'middle' : 'range';
  return (
    <>
      <Select
        label="Slices"
        options={[
          { id: 'all', title: `All ${slices}` },
          { id: 'middle', title: `Only the middle one (${middle + 1})`, summary: 'A quick look.' },
          { id: 'range', title: 'A range' },
        ]}
        value={kind}
        onChange={(id) =>
          change({
            slices: id === 'all' ? null : id === 'middle' ? { from: middle, to: middle + 1 } : { from: 0, to: slices },
          })
        }
      />
      {kind === 'range' && range !== null && (
        <div className="field-grid">
          <NumberField
            label="First slice"
            minValue={1}
            maxValue={range.to}
            step={1}
            value={range.from + 1}
            onChange={(first) => {
              if (!Number.isNaN(first)) change({ slices: { ...range, from: first - 1 } });
            }}
          />
          <NumberField
            label="Last slice"
            minValue={range.from + 1}
            maxValue={slices}
            step={1}
            value={range.to}
            onChange={(last) => {
              if (!Number.isNaN(last)) change({ slices: { ...range, to: last } });
            }}
          />
        </div>
      )}
    </>
  );
}

export function SampleFields({ draft, change }: ExtentProps) {
  return (
    <div className="field-grid">
      <NumberField
        label="Samples"
        minValue={1}
        maxValue={64}
        step={1}
        value={draft.samples}
        onChange={(samples) => {
          if (!Number.isNaN(samples)) change({ samples });
        }}
        help={
          draft.samples > 1
            ? `A mean and a map of uncertainty${draft.samples < 8 ? ', indicative below 8' : ''}.`
            : 'More than one gives a map of uncertainty.'
        }
      />
      <NumberField
        label="Seed"
        minValue={0}
        maxValue={2 ** 31}
        step={1}
        value={draft.seed}
        onChange={(seed) => {
          if (!Number.isNaN(seed)) change({ seed });
        }}
        help="The same seed gives the same bytes."
      />
    </div>
  );
}
