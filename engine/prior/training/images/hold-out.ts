/** Which sources are kept for validation and never drawn from. */
import type { Random } from '../../../arrays/random.ts';
import { check } from '../../../errors.ts';
import type { TrainingConfig } from '../training-config.ts';
import { meant } from './meant.ts';

/**
 * Groups to hold out whole: those with a named source, or a seeded choice of the configured share (at least one, and
 * at least one group is left to train on). Empty when there is only one group and none was named.
 * Throws `bad-input` for a name that fits no source and when nothing would be left.
 */
export function chooseHeldOut(
  sources: readonly { name: string; group: string }[],
  validation: Pick<TrainingConfig['validation'], 'files' | 'share'>,
  random: Random,
): Set<string> {
  const groups = [...new Set(sources.map((s) => s.group))];
  if (validation.files.length > 0) {
    const held = new Set<string>();
    for (const name of validation.files) {
      const found = sources.filter((s) => meant(s.name, name));
      const known = sources.slice(0, 8).map((s) => s.name);
      check(
        found.length > 0,
        () => `"${name}" is none of the images read, which are ${known.join(', ')}${sources.length > 8 ? ', …' : ''}`,
        {
          path: 'validation.files',
          hint: 'Names are relative to the data folder; a folder ends in "/".',
        },
      );
      for (const s of found) held.add(s.group);
    }
    check(
      held.size < groups.length,
      () => `all ${groups.length} files or studies are held out, nothing is left to train on`,
      {
        path: 'validation.files',
      },
    );
    return held;
  }
  if (groups.length < 2) return new Set();
  const count = Math.min(groups.length - 1, Math.max(1, Math.round(validation.share * groups.length)));
  return new Set(random.shuffle(groups).slice(0, count));
}

/** Slices on either side of a held-out block that are not drawn from either: neighbours look alike. */
const GAP = 2;
const GAP_FROM = 20;

/**
 * Block [from, to) of slice indices to hold out of one file whose usable slices run over [first, last], and the wider
 * block that is not drawn from.
 */
export function chooseBlock(
  [first, last]: readonly [number, number],
  share: number,
  random: Random,
): { from: number; to: number; closedFrom: number; closedTo: number } {
  const count = last - first + 1;
  const length = Math.min(count - 1, Math.max(1, Math.round(share * count)));
  const from = first + random.integer(count - length + 1);
  const gap = count >= GAP_FROM ? GAP : 0;
  return { from, to: from + length, closedFrom: from - gap, closedTo: from + length + gap };
}
