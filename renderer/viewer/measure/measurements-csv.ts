/** Measurements as a table (RFC 4180): one row per value, full precision. */
import type { MeasurementRow } from '../../../main/host/api/job.ts';

const cell = (value: string | number): string => {
  // A leading =, +, - or @ would be a formula to a spreadsheet.
  const text = typeof value === 'string' && /^[=+\-@\t]/.test(value) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export function measurementsCsv(rows: readonly (MeasurementRow & { series: string })[]): string {
  const lines = [['series', 'component', 'slice', 'kind', 'label', 'name', 'value', 'unit', 'points'].join(',')];
  for (const { series, component, slice, kind, label, values, points } of rows) {
    const where = points.map(([x, y]) => `${x} ${y}`).join('; ');
    for (const { name, value, unit } of values)
      lines.push([series, component, slice + 1, kind, label, name, value, unit, where].map(cell).join(','));
  }
  return `${lines.join('\r\n')}\r\n`;
}
