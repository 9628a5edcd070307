/** Dates moved by whole days (PS3.15, option Retain Longitudinal Temporal Information with Modified Dates). */
import { valueText } from './element-text.ts';
import type { DicomElement } from './source.ts';

const DAY_MS = 86_400_000;

/** "YYYYMMDD" `days` later; undefined when it is not a date of the calendar. */
export function shiftedDate(date: string, days: number): string | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)$/.exec(date);
  if (match === null) return undefined;
  const [year, month, day] = match.slice(1).map(Number);
  const time = Date.UTC(year, month - 1, day);
  const parsed = new Date(time);
  if (year < 1000 || parsed.getUTCMonth() !== month - 1 || parsed.getUTCDate() !== day) return undefined;
  return new Date(time + days * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
}

function shiftedValue(value: string, vr: string, days: number): string | undefined {
  if (value === '') return value;
  // Times of day stay: the days in between are what the option keeps.
  if (vr === 'TM') return /^\d\d(\d\d(\d\d(\.\d{1,6})?)?)?$/.test(value) ? value : undefined;
  const match =
    vr === 'DA' ? /^(\d{8})()$/.exec(value) : /^(\d{8})((?:\d\d){0,3}(?:\.\d{1,6})?)(?:[+-]\d{4})?$/.exec(value);
  const date = match === null ? undefined : shiftedDate(match[1], days);
  return date === undefined || match === null ? undefined : date + match[2];
}

/** A DA, DT or TM element with its dates moved; undefined when a value is not what its representation asks for. */
export function shiftTemporal(element: DicomElement, days: number): DicomElement | undefined {
  const values = valueText(element)
    .split('\\')
    .map((value) => shiftedValue(value.trim(), element.vr, days));
  if (values.includes(undefined)) return undefined;
  return { ...element, value: new TextEncoder().encode(values.join('\\')) };
}
