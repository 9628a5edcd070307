/** Tables as CSV (RFC 4180): a header row, comma separated, quotes doubled inside quotes. Numbers or text by column. */
import { EngineError } from '../../../engine/errors.ts';
import type { Column } from '../../../engine/solvers/artifact.ts';

const largestTable = 2 ** 28;

function cells(text: string, path: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = () => {
    row.push(cell);
    cell = '';
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i];
      else quoted = false;
    } else if (c === '"' && cell === '') quoted = true;
    else if (c === ',') {
      row.push(cell);
      cell = '';
    } else if (c === '\n') endRow();
    else if (c !== '\r') cell += c;
  }
  if (quoted) throw new EngineError('bad-input', 'a quoted cell is not closed', { path });
  endRow();
  return rows;
}

/** Columns in order. A column is numbers when every cell is a number or empty (null), else text. */
export function parseCsv(text: string, path: string): Record<string, Column> {
  if (text.length > largestTable)
    throw new EngineError(
      'bad-input',
      `the table has ${text.length} characters, at most ${largestTable} are accepted`,
      { path },
    );
  const [header, ...rows] = cells(text.replace(/^\uFEFF/, ''), path);
  if (header === undefined) throw new EngineError('bad-input', 'the table is empty, expected a header row', { path });
  const repeated = header.find((name, i) => header.indexOf(name) !== i);
  if (repeated !== undefined) throw new EngineError('bad-input', `two columns are called "${repeated}"`, { path });
  const columns: [string, Column][] = header.map((name, at) => {
    const column = rows.map((row, line) => {
      if (row.length !== header.length)
        throw new EngineError('bad-input', `row ${line + 2} has ${row.length} cells, the header has ${header.length}`, {
          path,
        });
      return row[at].trim();
    });
    const numbers = column.map((cell) => (cell === '' ? null : Number(cell)));
    return [name, numbers.some((n) => n !== null && !Number.isFinite(n)) ? column : numbers];
  });
  return Object.fromEntries(columns);
}

function cellText(value: number | string | null): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function writeCsv(columns: Readonly<Record<string, Column>>): string {
  const names = Object.keys(columns);
  const lines = [names.map(cellText).join(',')];
  const length = Math.max(0, ...names.map((name) => columns[name].length));
  for (let row = 0; row < length; row++)
    lines.push(names.map((name) => cellText(columns[name][row] ?? null)).join(','));
  return `${lines.join('\n')}\n`;
}
