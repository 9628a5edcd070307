/** Reads a measurement report back and holds its numbers, shapes and images against what was to be written. */
import type { DataSet } from 'dicom-parser';
import { check } from '../../errors.ts';
import { double, firstItem } from './attribute.ts';
import { parseDataset } from './dataset.ts';
import type { Measurement } from './measurement-report.ts';
import { drawnShapes } from './measurement-shapes.ts';

function children(item: DataSet): DataSet[] {
  return (item.elements.x0040a730?.items ?? []).flatMap(({ dataSet }) => dataSet ?? []);
}

function conceptOf(item: DataSet): string | undefined {
  return firstItem(item, 'x0040a043')?.string('x00080100');
}

/** Items below `item`, depth first, for which `wanted` holds. */
function found(item: DataSet, wanted: (item: DataSet) => boolean): DataSet[] {
  return children(item).flatMap((each) => [...(wanted(each) ? [each] : []), ...found(each, wanted)]);
}

const ofType = (type: string) => (item: DataSet) => item.string('x0040a040') === type;

function verifyGroup(group: DataSet, measurement: Measurement, index: number): void {
  const problem = (what: string) => ({ code: 'internal' as const, path: `measurement ${index + 1}: ${what}` });
  const values = measurement.values.filter(({ value }) => Number.isFinite(value));
  const numbers = found(group, ofType('NUM')).map((item) => double(firstItem(item, 'x0040a300') ?? item, 'x0040a161'));
  check(
    JSON.stringify(numbers) === JSON.stringify(values.map(({ value }) => value)),
    () => 'the numbers differ',
    problem('values'),
  );
  const shapes = found(group, ofType('SCOORD'));
  const wanted = drawnShapes(measurement.kind, measurement.points);
  const repeats = wanted.some(({ closed }) => closed) ? 1 : values.length;
  check(shapes.length === wanted.length * repeats, () => 'shapes are missing', problem('coordinates'));
  for (const [k, shape] of shapes.entries()) {
    const { points, type } = wanted[k % wanted.length];
    const flat = points.flat();
    const same = flat.every((value, i) => Math.fround(value) === shape.float('x00700022', i));
    check(same && shape.string('x00700023') === type, () => 'the coordinates differ', problem('coordinates'));
    const image = firstItem(children(shape)[0], 'x00081199');
    check(
      image?.string('x00081155') === measurement.image.sopInstanceUid,
      () => 'another image is named',
      problem('image'),
    );
  }
}

/** Throws `internal` when a number, a coordinate or an image reference is not what was given. */
export function verifyReport(bytes: Uint8Array, measurements: readonly Measurement[]): void {
  const { attributes } = parseDataset(bytes);
  const groups = found(attributes, (item) => ofType('CONTAINER')(item) && conceptOf(item) === '125007');
  check(
    groups.length === measurements.length,
    () => `${groups.length} groups for ${measurements.length} measurements`,
    { code: 'internal' },
  );
  for (const [index, group] of groups.entries()) verifyGroup(group, measurements[index], index);
  const marked = found(attributes, ofType('TEXT')).some((item) => item.string('x0040a160')?.startsWith('[RESEARCH]'));
  check(marked, () => 'the report is not marked as research', { code: 'internal' });
}
