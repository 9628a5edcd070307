/** Gathers frames into series while files are read, and tells of each series early and whenever it has grown enough. */
import { isGrey } from '../../../engine/io/dicom/pixel-description.ts';
import { splitStacks, stackSlices } from '../../../engine/io/dicom/slice-order.ts';
import { dicomEntry } from './dicom-entry.ts';
import type { LibraryFrame } from './dicom-facts.ts';
import type { SearchOptions } from './search-folder.ts';

interface Series {
  frames: LibraryFrame[];
  /** Frames when it was last told. */
  toldFrames: number;
  toldAt: number;
  revision: number | undefined;
}

/** A growing series is told again once it doubled, or after this long. */
const GROWTH = 2;
const AGAIN_MS = 1000;

export interface SeriesCollector {
  add(frames: LibraryFrame[]): void;
  /** Tells of what grew; of everything in its final form when `last`. */
  flush(last: boolean): void;
}

export function seriesCollector(
  options: Pick<SearchOptions, 'paths' | 'badges' | 'item' | 'revisionOf'>,
): SeriesCollector {
  const all = new Map<string, Series>();
  const place = { roots: options.paths, badges: options.badges };

  const tell = (series: Series, stack: ReturnType<typeof stackSlices<LibraryFrame>>, index: number) => {
    const entry = dicomEntry(stack, { ...place, index, revision: 0 });
    const before = (index === 0 ? series.revision : undefined) ?? options.revisionOf(entry.summary.id);
    const revision = before === undefined ? 0 : before + 1;
    if (index === 0) series.revision = revision;
    options.item({
      ...entry,
      summary: { ...entry.summary, revision },
      description: entry.description && { ...entry.description, revision },
    });
  };

  return {
    add: (frames) => {
      const { seriesUid, path, pixels } = frames[0].file;
      const key = `${seriesUid === '' ? path : seriesUid}/${isGrey(pixels)}`;
      const known = all.get(key);
      if (known) known.frames.push(...frames);
      else {
        const series: Series = { frames, toldFrames: frames.length, toldAt: performance.now(), revision: undefined };
        all.set(key, series);
        tell(series, stackSlices(series.frames), 0);
      }
    },
    flush: (last) => {
      const now = performance.now();
      for (const series of all.values()) {
        const grown = series.frames.length > series.toldFrames;
        const due = series.frames.length >= GROWTH * series.toldFrames || now - series.toldAt > AGAIN_MS;
        if (last)
          for (const [index, stack] of splitStacks(series.frames).entries())
            if (index > 0 || grown) tell(series, stack, index);
        if (!last && grown && due) tell(series, stackSlices(series.frames), 0);
        if ((last && grown) || (!last && grown && due)) {
          series.toldFrames = series.frames.length;
          series.toldAt = now;
        }
      }
      if (last) all.clear();
    },
  };
}
