import { describe, expect, test } from 'vitest';
import { uniformAngles } from '../../engine/physics/ct/geometry.ts';
import { viewCoverage } from '../../engine/recon/view-coverage.ts';

describe('what views cover', () => {
  test('half a turn, a whole one, and a part, whatever the order', () => {
    expect(viewCoverage(uniformAngles(60, 180), 180)).toMatchObject({ arcDeg: 180, coveredDeg: 180, stepDeg: 3 });
    expect(viewCoverage(uniformAngles(90, 360), 180)).toMatchObject({ arcDeg: 360, coveredDeg: 180 });
    expect(viewCoverage(uniformAngles(90, 360), 360)).toMatchObject({ arcDeg: 360, coveredDeg: 360 });
    expect(viewCoverage([...uniformAngles(30, 90)].reverse(), 180)).toMatchObject({ arcDeg: 90, coveredDeg: 90 });
  });

  test('an arc across the origin is one arc', () => {
    expect(viewCoverage([350, 355, 0, 5, 10], 360)).toMatchObject({ coveredDeg: 25, stepDeg: 5 });
  });

  test('a missing view shows as the largest step', () => {
    expect(viewCoverage([0, 10, 20, 40, 50], 180)).toMatchObject({ stepDeg: 10, largestStepDeg: 20 });
  });
});
