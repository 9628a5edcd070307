/** Typed reading of single attributes from a parsed data set. Absent, empty and unreadable values are `undefined`. */
import type { DataSet } from 'dicom-parser';

/** Numbers of a DS or IS attribute; undefined unless all of them are finite and there are at least `count`. */
export function decimals(dataSet: DataSet, key: string, count = 1): number[] | undefined {
  const parts = dataSet.string(key)?.split('\\') ?? [];
  const numbers = parts.map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  return numbers.length >= count && numbers.every(Number.isFinite) ? numbers : undefined;
}

export function decimal(dataSet: DataSet, key: string): number | undefined {
  return decimals(dataSet, key)?.[0];
}

export function text(dataSet: DataSet, key: string): string | undefined {
  const value = dataSet.string(key);
  return value === undefined || value === '' ? undefined : value;
}

/** US, or SS when `signed`; undefined when the value is not two bytes long. */
export function short(dataSet: DataSet, key: string, signed = false): number | undefined {
  const element = dataSet.elements[key];
  if (!element || element.length < 2 || element.dataOffset + 2 > dataSet.byteArray.length) return undefined;
  return signed ? dataSet.int16(key) : dataSet.uint16(key);
}

export function double(dataSet: DataSet, key: string): number | undefined {
  const element = dataSet.elements[key];
  if (!element || element.length < 8 || element.dataOffset + 8 > dataSet.byteArray.length) return undefined;
  return dataSet.double(key);
}

/** First item of a sequence. */
export function firstItem(dataSet: DataSet | undefined, key: string): DataSet | undefined {
  return dataSet?.elements[key]?.items?.[0]?.dataSet;
}
