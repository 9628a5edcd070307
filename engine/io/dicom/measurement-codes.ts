/** Coded names and units of measurements: DICOM, SNOMED CT and UCUM where they have one, else our own scheme. */
import * as make from './make-element.ts';
import type { Code } from './sr-content.ts';

const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning });
const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning });
const ucum = (value: string, meaning: string): Code => ({ value, scheme: 'UCUM', meaning });

/** How a value was made of the pixels of a region (DCM 121401, Derivation). */
export const DERIVATION = dcm('121401', 'Derivation');

export interface CodedQuantity {
  readonly name: Code;
  readonly derivation?: Code;
}

const SHAPES: Readonly<Record<string, Code>> = {
  length: sct('410668003', 'Length'),
  angle: sct('1483009', 'Angle'),
  'cobb angle': sct('285285000', 'Cobb angle'),
  area: sct('42798000', 'Area'),
  perimeter: sct('131191004', 'Perimeter'),
  diameter: sct('81827009', 'Diameter'),
};

const STATISTICS: Readonly<Record<string, Code>> = {
  mean: sct('373098007', 'Mean'),
  sd: sct('386136009', 'Standard Deviation'),
  min: sct('255605001', 'Minimum'),
  max: sct('56851009', 'Maximum'),
  median: sct('373099004', 'Median'),
};

/** Without a public code. */
const COUNTS: Readonly<Record<string, Code>> = {
  n: { value: 'PIXEL_COUNT', scheme: '99TANGENT', meaning: 'Number of pixels' },
};

const SYNONYMS: Readonly<Record<string, string>> = {
  cobb: 'cobb angle',
  'standard deviation': 'sd',
  std: 'sd',
  'std dev': 'sd',
  minimum: 'min',
  maximum: 'max',
  average: 'mean',
};

/** What the pixels are a measure of. */
function intensity(modality: string, unit: string): Code {
  if (unit === 'HU') return dcm('112031', 'Attenuation Coefficient');
  if (modality === 'MR') return dcm('110852', 'MR signal intensity');
  return { value: 'PIXEL_VALUE', scheme: '99TANGENT', meaning: 'Pixel value' };
}

/** Name of a measured value as shown ("Length", "Mean", …) on images of `modality` → its codes. */
export function quantityCode(shown: string, unit: string, modality: string): CodedQuantity {
  const lower = shown.trim().toLowerCase();
  const key = SYNONYMS[lower] ?? lower;
  if (Object.hasOwn(SHAPES, key)) return { name: SHAPES[key] };
  if (Object.hasOwn(STATISTICS, key)) return { name: intensity(modality, unit), derivation: STATISTICS[key] };
  if (Object.hasOwn(COUNTS, key)) return { name: COUNTS[key] };
  if (key === 'value') return { name: intensity(modality, unit) };
  return {
    name: { value: make.codeString(shown) || 'VALUE', scheme: '99TANGENT', meaning: shown.slice(0, 64) || 'Value' },
  };
}

const UNITS: Readonly<Record<string, Code>> = {
  mm: ucum('mm', 'millimeter'),
  cm: ucum('cm', 'centimeter'),
  'mm²': ucum('mm2', 'square millimeter'),
  mm2: ucum('mm2', 'square millimeter'),
  'cm²': ucum('cm2', 'square centimeter'),
  '°': ucum('deg', 'degree'),
  deg: ucum('deg', 'degree'),
  rad: ucum('rad', 'radian'),
  HU: ucum("[hnsf'U]", 'Hounsfield unit'),
  '1/mm': ucum('/mm', 'per millimeter'),
  px: ucum('{pixels}', 'pixels'),
  'px²': ucum('{pixels}', 'pixels'),
  pixels: ucum('{pixels}', 'pixels'),
  '%': ucum('%', 'percent'),
};
const NO_UNITS = ucum('1', 'no units');

/** Units without a code ("arbitrary") are said to be none: their numbers compare only inside one series. */
export function unitCode(unit: string): Code {
  return Object.hasOwn(UNITS, unit) ? UNITS[unit] : NO_UNITS;
}
