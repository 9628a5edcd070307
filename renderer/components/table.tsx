/** A real table with a name, column headings and one heading cell per row. */
import type { ReactNode } from 'react';
import './table.css';

export interface TableColumn {
  id: string;
  title: string;
  /** Right-aligned, digits of equal width. */
  numeric?: boolean;
}

export interface TableRow {
  id: string;
  cells: Readonly<Record<string, ReactNode>>;
  selected?: boolean;
}

export interface TableProps {
  label: string;
  columns: readonly TableColumn[];
  rows: readonly TableRow[];
  /** Said in place of rows when there are none. */
  empty?: string;
}

export function Table({ label, columns, rows, empty }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-scroll" aria-label={label} tabIndex={0}>
      <table className="table" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={column.numeric === true ? 'table-number' : undefined}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} className={row.selected === true ? 'table-selected' : undefined}>
              {columns.map((column, index) => {
                const className = column.numeric === true ? 'table-number' : undefined;
                return index === 0 ? (
                  <th key={column.id} scope="row" className={className}>
                    {row.cells[column.id]}
                  </th>
                ) : (
                  <td key={column.id} className={className}>
                    {row.cells[column.id]}
                  </td>
                );
              })}
            </tr>
          ))}
          {rows.length === 0 && empty !== undefined && (
            <tr>
              <td colSpan={columns.length} className="table-empty">
                {empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}
