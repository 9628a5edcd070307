/** How well each part of the data is explained: a table with small bars. */
import { Table } from '../components/table.tsx';
import { consistencySentence, figure } from './result-sentences.ts';
import type { ResultPartProps } from './result-summary.tsx';

/** Length of a bar whose full width is four times the noise, or the largest residual where no noise is known. */
export function barShare(residual: number, expected: number | null, largest: number): number {
  const full = expected !== null && expected > 0 ? 4 * expected : largest;
  return full > 0 ? Math.min(1, residual / full) : 0;
}

export function ConsistencyPart({ record }: ResultPartProps) {
  const largest = Math.max(0, ...record.consistency.map(({ residual }) => residual));
  return (
    <>
      <p>{consistencySentence(record)}</p>
      <Table
        label="Consistency by part of the data"
        columns={[
          { id: 'part', title: 'Part' },
          { id: 'residual', title: 'Residual', numeric: true },
          { id: 'expected', title: 'Noise', numeric: true },
          { id: 'ratio', title: 'Ratio', numeric: true },
        ]}
        rows={record.consistency.map(({ part, residual, expected }) => {
          const known = expected !== null && expected > 0;
          const over = known && residual > 2 * expected;
          return {
            id: part,
            cells: {
              part,
              residual: figure(residual),
              expected: expected === null ? 'unknown' : figure(expected),
              ratio: (
                <span className="consistency-bar" data-over={over || undefined}>
                  {known ? (residual / expected).toFixed(2) : '–'}
                  {over && <span className="visually-hidden"> (high)</span>}
                  <span className="consistency-track" aria-hidden="true">
                    <span style={{ width: `${100 * barShare(residual, expected, largest)}%` }} />
                  </span>
                </span>
              ),
            },
          };
        })}
        empty="No parts are recorded."
      />
    </>
  );
}
