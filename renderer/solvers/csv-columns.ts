/** Reads the CSV that solvers write (RFC 4180, one header row) as columns of numbers or text. */
export interface CsvColumn {
  title: string;
  values: readonly (number | string | null)[];
  /** Every cell is a number or empty. */
  numeric: boolean;
}

function records(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  // A quoted cell with doubled quotes inside, or anything up to the next separator.
  const cell = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r\n|\n|\r|$)/gy;
  for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
    const [whole, value, end] = match;
    row.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end !== ',') {
      if (row.length > 1 || row[0] !== '') rows.push(row);
      row = [];
    }
    if (whole === '' || cell.lastIndex >= text.length) break;
  }
  if (row.length > 1 || (row[0] ?? '') !== '') rows.push(row);
  return rows;
}

export function csvColumns(text: string): CsvColumn[] {
  const [header = [], ...rows] = records(text.replace(/^\uFEFF/, ''));
  return header.map((title, at) => {
    const cells = rows.map((row) => (row[at] ?? '').trim());
    const numbers = cells.map((cell) => (cell === '' ? null : Number(cell)));
    const numeric = numbers.every((value) => value === null || !Number.isNaN(value));
    return { title, numeric, values: numeric ? numbers : cells };
  });
}

/** Order of the rows by one column; what is empty stands last either way. */
export function sortedRows(columns: readonly CsvColumn[], by: number, descending: boolean): number[] {
  const count = columns[0]?.values.length ?? 0;
  const order = Array.from({ length: count }, (_, row) => row);
  const column = columns[by];
  if (column === undefined) return order;
  const sign = descending ? -1 : 1;
  return order.sort((a, b) => {
    const [one, other] = [column.values[a], column.values[b]];
    if (one === null || other === null) return Number(one === null) - Number(other === null) || a - b;
    const difference =
      typeof one === 'number' && typeof other === 'number' ? one - other : String(one).localeCompare(String(other));
    return sign * difference || a - b;
  });
}
