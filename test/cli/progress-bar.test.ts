import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clock, progressBar, progressLine } from '../../main/cli/progress-bar.ts';

function terminal(columns: number): { stream: NodeJS.WriteStream; text: () => string } {
  let text = '';
  const stream = new Writable({
    write: (chunk, _, done) => {
      text += String(chunk);
      done();
    },
  });
  return { stream: Object.assign(stream, { columns }) as unknown as NodeJS.WriteStream, text: () => text };
}

describe('progress line', () => {
  test('shows stage, step, share, elapsed and remaining time', () => {
    const line = progressLine({ fraction: 0.25, stage: 'sample', step: { index: 5, count: 20 } }, 30, 80);
    expect(line).toMatch(/^sample 5\/20 +\[=+ +\] +25 % {2}0:30, 1:30 left$/);
  });

  test('shows the newest figures where there is room, and drops them first', () => {
    const event = { fraction: 0.25, stage: 'train', step: { index: 5, count: 20 }, note: 'loss 0.31, validation 0.28' };
    expect(progressLine(event, 30, 100)).toMatch(
      /^train 5\/20 +\[=+ +\] +25 % {2}0:30, 1:30 left {2}loss 0.31, validation 0.28$/,
    );
    expect(progressLine(event, 30, 60)).toBe(progressLine({ ...event, note: undefined }, 30, 60));
  });

  test('never is wider than the terminal', () => {
    const event = fc.record({
      fraction: fc.double({ min: 0, max: 1, noNaN: true }),
      stage: fc.string({ maxLength: 30 }),
      step: fc.record({ index: fc.nat(9999), count: fc.nat(9999) }),
      note: fc.option(fc.string({ maxLength: 60 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        event,
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 200 }),
        (e, s, columns) => {
          expect(progressLine(e, s, columns).length).toBeLessThan(Math.max(columns, 1));
        },
      ),
    );
  });

  test('hours appear when there are any', () => {
    expect([0, 59.6, 61, 3600, 36_061].map(clock)).toEqual(['0:00', '1:00', '1:01', '1:00:00', '10:01:01']);
  });
});

test('the bar never runs backwards, and is gone at the end', () => {
  let now = 0;
  const { stream, text } = terminal(80);
  const bar = progressBar(stream, () => now);
  for (const fraction of [0.1, 0.5, 0.3, 0.6]) {
    now += 1000;
    bar.update({ fraction, stage: 'sample' });
  }
  bar.finish();
  const length = text().length;
  bar.update({ fraction: 0.9, stage: 'sample' });
  expect(text().length).toBe(length);
  const shares = [...text().matchAll(/(\d+) %/g)].map(([, share]) => Number(share));
  expect(shares).toEqual([10, 50, 50, 60]);
  expect(text().endsWith('\r\x1b[2K')).toBe(true);
});
