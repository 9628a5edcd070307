/**
 * What belongs to one frame: its plane, its spacing, its rescale, and what tells it apart from another frame at the
 * same place. Enhanced files state these in functional groups (PS3.3 C.7.6.16), per frame or shared; classic ones at
 * the top level.
 */
import type { DataSet } from 'dicom-parser';
import { EngineError } from '../../errors.ts';
import type { SliceGeometry } from '../scan.ts';
import { decimal, decimals, double, firstItem, text } from './attribute.ts';

export interface FrameHeader {
  readonly geometry?: SliceGeometry;
  /** Row spacing (dy), column spacing (dx), mm. */
  readonly pixelSpacing?: readonly [number, number];
  readonly sliceThickness?: number;
  readonly spacingBetweenSlices?: number;
  /** Degrees the gantry leans from upright, where the file says so. */
  readonly gantryTilt?: number;
  /** What rescaled values are, as stated: HU, US (unspecified), …; a defined term, not free text. */
  readonly rescaleType?: string;
  readonly slope: number;
  readonly intercept: number;
  /** The scale is the one a series of ours records, so windows of the file are in stored values. */
  readonly windowStored?: true;
  /** Equal for frames of the same volume: echo, time, acquisition, image type. Never shown: may hold free text. */
  readonly volumeKey: string;
}

/** Label of the item by which a derived MR series of ours records its scale (the MR class has no rescale). */
export const OWN_SCALE_LABEL = 'TANGENT SCALE';

type Triple = [number, number, number];

function unit(v: number[]): Triple | undefined {
  const norm = Math.hypot(v[0], v[1], v[2]);
  // Direction cosines are printed with a few digits; anything further from 1 is not a direction.
  return Math.abs(norm - 1) < 0.01 ? [v[0] / norm, v[1] / norm, v[2] / norm] : undefined;
}

function geometryOf(position: number[] | undefined, orientation: number[] | undefined): SliceGeometry | undefined {
  if (!position || !orientation) return undefined;
  const rowCosines = unit(orientation.slice(0, 3));
  const columnCosines = unit(orientation.slice(3, 6));
  if (!rowCosines || !columnCosines) return undefined;
  const dot = rowCosines.reduce((sum, c, i) => sum + c * columnCosines[i], 0);
  if (Math.abs(dot) > 0.01) return undefined;
  return { position: [position[0], position[1], position[2]], rowCosines, columnCosines };
}

function rescaleOf(
  top: DataSet,
  transform: DataSet | undefined,
): Pick<FrameHeader, 'slope' | 'intercept' | 'windowStored'> {
  const at = transform ?? top;
  if (top.elements.x00283000?.items?.length)
    throw new EngineError('unsupported', 'a modality lookup table is not applied by this version', {
      path: 'Modality LUT Sequence (0028,3000)',
      hint: 'Export the series with Rescale Slope and Intercept.',
    });
  const stated = (key: string, name: string, fallback: number): number => {
    if (!at.elements[key]?.length) return fallback;
    const value = decimal(at, key);
    if (value === undefined) throw new EngineError('bad-input', `${name} is not a number`, { path: name });
    return value;
  };
  const slope = stated('x00281053', 'Rescale Slope (0028,1053)', 1);
  const intercept = stated('x00281052', 'Rescale Intercept (0028,1052)', 0);
  if (slope === 0)
    throw new EngineError('bad-input', 'rescale slope is 0, which leaves no image', {
      path: 'Rescale Slope (0028,1053)',
    });
  const own = firstItem(top, 'x00409096');
  if (!transform && !top.elements.x00281053 && own && text(own, 'x00409210') === OWN_SCALE_LABEL)
    return { slope: double(own, 'x00409225') ?? 1, intercept: double(own, 'x00409224') ?? 0, windowStored: true };
  return { slope, intercept };
}

function spacingOf(numbers: number[] | undefined): readonly [number, number] | undefined {
  return numbers && numbers[0] > 0 && numbers[1] > 0 ? [numbers[0], numbers[1]] : undefined;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

/** Header of frame `index` (from 0). Throws `bad-input` or `unsupported` when its values cannot be rescaled. */
export function frameHeader(top: DataSet, index: number): FrameHeader {
  const shared = firstItem(top, 'x52009229');
  const own = top.elements.x52009230?.items?.[index]?.dataSet;
  const group = (key: string): DataSet | undefined => firstItem(own, key) ?? firstItem(shared, key);
  const enhanced = shared !== undefined || own !== undefined;
  const plane = enhanced ? group('x00209113') : top;
  const direction = enhanced ? group('x00209116') : top;
  const measures = enhanced ? group('x00289110') : top;
  const content = group('x00209111');
  const echo = group('x00189114');
  const transform = group('x00289145');
  const rescaleType = text(transform ?? top, 'x00281054')?.trim();
  const geometryGroup = group('x00189304');
  const tilt = decimal(top, 'x00181120') ?? (geometryGroup ? double(geometryGroup, 'x00189307') : undefined);
  const frameType = group('x00189226') ?? group('x00189329');
  // A classic multi-frame file has one top-level position at most, which cannot be that of every frame.
  const frames = decimal(top, 'x00280008') ?? 1;
  const geometry =
    plane && direction && (enhanced || frames === 1)
      ? geometryOf(decimals(plane, 'x00200032', 3), decimals(direction, 'x00200037', 6))
      : undefined;
  const volumeKey = [
    text(top, 'x00180086'),
    text(top, 'x00180081'),
    text(top, 'x00200100'),
    text(top, 'x00200012'),
    text(top, 'x00080008'),
    text(top, 'x00189087'),
    content?.uint32('x00209128'),
    echo ? double(echo, 'x00189082') : undefined,
    frameType ? text(frameType, 'x00089007') : undefined,
  ].join('|');
  return {
    ...(geometry && { geometry }),
    ...(measures && { pixelSpacing: spacingOf(decimals(measures, 'x00280030', 2)) }),
    ...(measures && { sliceThickness: positive(decimal(measures, 'x00180050')) }),
    ...(measures && { spacingBetweenSlices: positive(decimal(measures, 'x00180088')) }),
    ...(tilt !== undefined && { gantryTilt: tilt }),
    ...(rescaleType !== undefined && { rescaleType }),
    ...rescaleOf(top, transform),
    volumeKey,
  };
}
