/** A table of a solver's result: sortable, and to be downloaded as it is. */
import { useMemo, useState } from 'react';
import { IconButton } from '../components/icon-button.tsx';
import { figure } from '../reconstruct/result-sentences.ts';
import { type CsvColumn, sortedRows } from './csv-columns.ts';

const mostRows = 500;
const text = (value: number | string | null) =>
  value === null ? '–' : typeof value === 'number' ? figure(value) : value;

export function TableArtifact({ label, columns }: { label: string; columns: readonly CsvColumn[] }) {
  const [sort, setSort] = useState<{ by: number; descending: boolean }>({ by: -1, descending: false });
  const order = useMemo(() => sortedRows(columns, sort.by, sort.descending), [columns, sort]);
  const shown = order.slice(0, mostRows);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="table-scroll artifact-scroll" aria-label={`${label}, table`} tabIndex={0}>
        <table className="table" aria-label={label}>
          <thead>
            <tr>
              {columns.map(({ title, numeric }, index) => {
                const sorted = sort.by === index;
                return (
                  <th
                    key={title}
                    scope="col"
                    className={numeric ? 'table-number' : undefined}
                    aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
                  >
                    <span className="sort-head">
                      {title}
                      <IconButton
                        label={`Sort by ${title}${sorted && !sort.descending ? ', descending' : ''}`}
                        icon={sorted && !sort.descending ? 'chevronDown' : 'chevronRight'}
                        onPress={() => setSort({ by: index, descending: sorted && !sort.descending })}
                      />
                    </span>
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row}>
                {columns.map(({ title, numeric, values }, index) =>
                  index === 0 ? (
                    <th key={title} scope="row" className={numeric ? 'table-number' : undefined}>
                      {text(values[row] ?? null)}
                    </th>
                  ) : (
                    <td key={title} className={numeric ? 'table-number' : undefined}>
                      {text(values[row] ?? null)}
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {shown.length < order.length && (
        <p className="field-help">{`The first ${mostRows} of ${order.length} rows; the file has them all.`}</p>
      )}
    </>
  );
}
