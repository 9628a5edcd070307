/**
 * Opens a folder of images for training: DICOM series, NIfTI volumes and NumPy arrays ([y, x], [n, y, x]), told apart
 * by content. A file that is damaged, too large or of the wrong units is skipped, named and counted in `notes`, since one
 * broken file of hundreds must not cost a night's training; when nothing is left, the first reason is thrown.
 */
import { createRandom } from '../../../arrays/random.ts';
import { checkpoint, type RunContext, subContext } from '../../../context.ts';
import { check, EngineError } from '../../../errors.ts';
import type { TrainingConfig } from '../training-config.ts';
import type { TrainingImages } from '../training-images.ts';
import { type FoundSources, findSources } from './find-sources.ts';
import { chooseBlock, chooseHeldOut } from './hold-out.ts';
import { ImageMaker, type SliceChoice } from './image-maker.ts';
import { readSource } from './read-source.ts';
import { type IndexedVolume, SlicePool, sliceCount } from './slice-pool.ts';
import { headThreshold, usableSlices } from './training-volume.ts';

/** Streams of the configured seed, apart from those of training. */
const HOLD_OUT_STREAM = 0x686f_6c64;
const VALIDATION_STREAM = 0x7661_6c69;
const MIB = 2 ** 20;
/** Damaged files named one by one; the rest is counted. */
const NAMED = 20;

function counted(n: number, one: string): string {
  return `${n} ${one}${n === 1 ? '' : 's'}`;
}

/** The volumes of every source that can be used; reasons for the others are added to `found.damaged`. */
async function readVolumes(found: FoundSources, config: TrainingConfig, context: RunContext): Promise<IndexedVolume[]> {
  const volumes: IndexedVolume[] = [];
  for (const [i, source] of found.sources.entries()) {
    await checkpoint(context);
    try {
      const read = await readSource(source, config, context);
      let usable = 0;
      for (const volume of read) {
        const threshold = headThreshold(volume, config.image);
        const views = volume.views
          .filter((view) => config.planes[view.name] > 0)
          .map((view) => ({ view, slices: usableSlices(volume, view, threshold, config.minimumHead) }))
          .filter(({ slices }) => slices.length > 0);
        if (views.length === 0) continue;
        volumes.push({ volume, views });
        usable += sliceCount([{ volume, views }]);
      }
      if (usable === 0)
        throw new EngineError(
          'bad-input',
          `no slice of a wished plane has head or body on more than ${config.minimumHead * 100} % of it`,
          { path: source.name, hint: 'Lower minimumHead, or give the planes a share.' },
        );
    } catch (error) {
      if (!(error instanceof EngineError) || error.code === 'cancelled') throw error;
      found.damaged.push({ name: source.name, reason: error.message });
    }
    context.progress({ fraction: (i + 1) / found.sources.length, stage: 'read images' });
  }
  return volumes;
}

/** Splits into what is drawn from and what is held out, and says how. */
function split(volumes: IndexedVolume[], config: TrainingConfig, notes: string[]) {
  const random = createRandom(config.seed, HOLD_OUT_STREAM);
  const held = chooseHeldOut(
    volumes.map((v) => v.volume),
    config.validation,
    random,
  );
  if (held.size > 0) {
    const out = volumes.filter((v) => held.has(v.volume.group));
    const names = [...new Set(out.map((v) => v.volume.name))];
    notes.push(
      `held out whole for validation: ${names.slice(0, NAMED).join(', ')}${names.length > NAMED ? ', …' : ''}`,
    );
    return { training: volumes.filter((v) => !held.has(v.volume.group)), heldOut: out };
  }
  // One file: one plane alone, since slices of another plane would cross the held-out ones.
  const wish = ({ view, slices }: IndexedVolume['views'][number]) => config.planes[view.name] * slices.length;
  const plane = volumes[0].views.reduce((best, v) => (wish(v) > wish(best) ? v : best)).view.name;
  const only = volumes.flatMap(({ volume, views }) => {
    const view = views.find((v) => v.view.name === plane);
    return view === undefined ? [] : [{ volume, views: [view] }];
  });
  const indices = only.flatMap(({ views }) => views[0].slices.map((s) => s.index));
  const [first, last] = [Math.min(...indices), Math.max(...indices)];
  if (first === last) {
    notes.push('there is one slice in all: validation uses it too and measures nothing');
    return { training: only, heldOut: only };
  }
  const block = chooseBlock([first, last], config.validation.share, random);
  const cut = (keep: (index: number) => boolean): IndexedVolume[] =>
    only
      .map(({ volume, views }) => ({
        volume,
        views: views.map(({ view, slices }) => ({ view, slices: slices.filter((s) => keep(s.index)) })),
      }))
      .filter(({ views }) => views[0].slices.length > 0);
  const heldOut = cut((i) => i >= block.from && i < block.to);
  notes.push(
    `there is one file: ${counted(sliceCount(heldOut), 'neighbouring slice')} (${plane}) of it are held out, and other planes are not used; validation on the same subject flatters`,
  );
  return { training: cut((i) => i < block.closedFrom || i >= block.closedTo), heldOut };
}

function summary(volumes: readonly IndexedVolume[]): { name: string; slices: number }[] {
  const slices = new Map<string, number>();
  for (const v of volumes) slices.set(v.volume.name, (slices.get(v.volume.name) ?? 0) + sliceCount([v]));
  return [...slices].map(([name, n]) => ({ name, slices: n }));
}

/** Evenly spread slices of the first plane (axial where there is one) of every held-out volume. */
function validationSlices(heldOut: readonly IndexedVolume[], wanted: number): SliceChoice[] {
  const all = heldOut.flatMap(({ volume, views: [{ view, slices }] }) =>
    slices.map((slice): SliceChoice => ({ volume, view, slice })),
  );
  const count = Math.min(wanted, all.length);
  return Array.from({ length: count }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / count)]);
}

/**
 * Throws `not-found` or `bad-input` when the folder cannot be read or holds no usable image, `resource` when its volumes
 * would need more than `memoryMiB` (said before any is opened), `bad-input` for hold-outs that do not exist, `cancelled`.
 */
export async function openTrainingImages(
  folder: string,
  config: TrainingConfig,
  context: RunContext,
): Promise<TrainingImages> {
  const found = await findSources(folder, config.exclude, subContext(context, 0, 0.3));
  const needed = found.sources.reduce((sum, s) => sum + s.bytes, 0);
  const mib = Math.ceil(needed / MIB);
  check(
    mib <= config.memoryMiB,
    () => `the images need up to ${mib} MiB of memory, at most ${config.memoryMiB} are allowed`,
    {
      code: 'resource',
      path: folder,
      hint: 'Raise memoryMiB, or train on fewer images.',
    },
  );
  context.log(
    'info',
    `${counted(found.sources.length, 'image source')} need at most ${mib} of ${config.memoryMiB} MiB`,
  );
  const volumes = await readVolumes(found, config, subContext(context, 0.3, 1));
  if (volumes.length === 0) {
    const [first] = found.damaged;
    const what =
      first === undefined
        ? `${counted(found.files, 'file')}, none of them a DICOM, NIfTI or .npy image`
        : `none of ${counted(found.damaged.length, 'image file')} can be used; ${first.name}: ${first.reason}`;
    throw new EngineError('bad-input', `nothing to train on in the folder: ${what}`, {
      path: folder,
      hint: 'Give a folder of images of the modality the configuration names.',
    });
  }

  const notes: string[] = [];
  if (found.excluded > 0) notes.push(`${counted(found.excluded, 'file')} left out as configured`);
  if (found.others > 0) notes.push(`${counted(found.others, 'file')} of other kinds skipped`);
  if (found.damaged.length > 0)
    notes.push(
      `${counted(found.damaged.length, 'image file')} skipped: ${found.damaged
        .slice(0, NAMED)
        .map((d) => `${d.name} (${d.reason})`)
        .join('; ')}${found.damaged.length > NAMED ? '; …' : ''}`,
    );
  const { training, heldOut } = split(volumes, config, notes);
  check(training.length > 0, () => 'nothing is left to train on beside what is held out', {
    path: 'validation.share',
    hint: 'Lower the share, or add images.',
  });
  for (const note of notes) context.log(note.includes('skipped') ? 'warn' : 'info', note);

  const channels = config.complex ? 2 : 1;
  const length = channels * config.size * config.size;
  const maker = new ImageMaker(config);
  const pool = new SlicePool(training, config.planes);
  const validationRandom = createRandom(config.seed, VALIDATION_STREAM);
  const validation = validationSlices(heldOut, config.validation.images).map((choice) => {
    const image = new Float32Array(length);
    maker.plain(choice, validationRandom, image);
    return image;
  });
  return {
    channels,
    size: config.size,
    count: sliceCount(training),
    sources: summary(training),
    heldOut: summary(heldOut),
    notes,
    validation,
    draw(random, out = new Float32Array(length)) {
      check(out.length === length, () => `an image has ${length} numbers, the output ${out.length}`, {
        code: 'mismatch',
      });
      const choice = pool.draw(random);
      if (config.augment === 'none') maker.plain(choice, random, out);
      else maker.augmented(choice, random, out);
      return out;
    },
  };
}
