/** Residual at each step of one slice. */
import { useMemo, useState } from 'react';
import { Select } from '../components/select.tsx';
import { CurveChart } from '../solvers/curve-chart.tsx';
import type { ResultPartProps } from './result-summary.tsx';

export function ConvergencePart({ record }: ResultPartProps) {
  const slices = useMemo(() => [...new Set(record.curve.map(({ slice }) => slice))], [record]);
  const [slice, setSlice] = useState(slices[Math.floor(slices.length / 2)] ?? 0);
  const { x, series } = useMemo(() => {
    const rows = record.curve.filter((row) => row.slice === slice);
    const expected = record.residual.expected;
    return {
      x: { title: 'Step', values: rows.map(({ step }) => step) },
      series: [
        { title: 'after the data step', values: rows.map(({ after }) => after) },
        ...(rows.some(({ before }) => before !== null)
          ? [{ title: 'proposed by the prior', values: rows.map(({ before }) => before) }]
          : []),
        ...(expected !== null && expected > 0 ? [{ title: 'noise level', values: rows.map(() => expected) }] : []),
      ],
    };
  }, [record, slice]);
  return (
    <>
      {slices.length > 1 && (
        <Select
          label="Slice"
          options={slices.map((one) => ({ id: String(one), title: String(one + 1) }))}
          value={String(slice)}
          onChange={(id) => setSlice(Number(id))}
        />
      )}
      <CurveChart label="Relative residual ‖Ax − y‖/‖y‖ by step" x={x} series={series} />
    </>
  );
}
