/** The lines in the four corners of a viewport, from plain data; identity only where it may be shown. */
import type { Settings } from '../../../main/host/api/settings.ts';
import { numberText } from '../maths/number-text.ts';
import type { Source } from '../source/source.ts';
import type { View } from '../view-state.ts';

export interface CornerText {
  topLeft: string[];
  topRight: string[];
  bottomLeft: string[];
  bottomRight: string[];
}

const personName = (name: string) => name.split('^').filter(Boolean).join(', ');
const dateText = (date: string) =>
  /^\d{8}$/.test(date) ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : date;
const filled = (lines: readonly (string | null | undefined | false)[]): string[] =>
  lines.filter((line): line is string => typeof line === 'string' && line !== '');

export const simulated = (source: Source) => source.description?.badges.includes('simulated') === true;

export function windowText(source: Source, view: View): string {
  if (view.window === null || source.kind === 'colour') return '';
  const { centre, width } = view.window;
  if (source.kind !== 'image')
    return `${numberText(centre - width / 2, 3)} to ${numberText(centre + width / 2, 3)}${source.unit === '' || source.unit === 'arbitrary' ? '' : ` ${source.unit}`}`;
  return `W ${numberText(width, 3)}  C ${numberText(centre, 3)}`;
}

export function cornerText(
  source: Source,
  view: View,
  settings: Pick<Settings, 'cornerText' | 'hideIdentity'>,
  context: { linked: 'position' | 'index' | null; fps: number | null },
): CornerText {
  const { description } = source;
  const slices = source.shape[0];
  const slice =
    slices > 1
      ? `Slice ${view.shown + 1}/${slices}${context.linked === null ? '' : ` · linked by ${context.linked}`}`
      : '';
  if (settings.cornerText === 'off') return { topLeft: [], topRight: [], bottomLeft: [], bottomRight: [] };
  const full = settings.cornerText === 'full';
  const patient = settings.hideIdentity ? null : description?.patient;
  const study = settings.hideIdentity ? null : description?.study;
  const plane = source.planes[view.shown];
  const result = description?.result;
  const position =
    plane === undefined ? '' : `Position ${plane.position.map((value) => numberText(value, 4)).join(', ')} mm`;
  const zoom = `Zoom ${Math.round(view.scale * 100)} %${view.fit ? ' (fit)' : ''}`;
  if (!full)
    return {
      topLeft: filled([patient && personName(patient.name)]),
      topRight: [],
      bottomLeft: filled([slice]),
      bottomRight: filled([windowText(source, view), zoom]),
    };
  return {
    topLeft: filled([
      patient && personName(patient.name),
      patient?.id,
      patient && filled([dateText(patient.birthDate), patient.sex]).join(' · '),
      settings.hideIdentity && (description?.patient ?? null) !== null && 'Identity hidden',
    ]),
    topRight: filled([study && dateText(study.date), study?.description, study?.institution]),
    bottomLeft: filled([
      description === null
        ? ''
        : `${description.seriesNumber === null ? '' : `${description.seriesNumber}: `}${description.title}`,
      slice,
      context.fps === null ? '' : `${numberText(context.fps, 3)} frames/s`,
      position,
      description?.thicknessMm == null ? '' : `Thickness ${numberText(description.thicknessMm, 3)} mm`,
    ]),
    bottomRight: filled([
      typeof result?.method === 'string' &&
        `${result.method}${typeof result.seed === 'number' ? ` · seed ${result.seed}` : ''}`,
      view.interpolate ? 'Smoothed' : 'Pixels as they are',
      [
        zoom,
        view.rotation === 0 ? '' : `${view.rotation}°`,
        view.hflip ? 'H' : '',
        view.vflip ? 'V' : '',
        view.invert ? 'inverted' : '',
      ]
        .filter(Boolean)
        .join(' · '),
      windowText(source, view),
    ]),
  };
}

/** What a screen reader hears: "Reconstruction, slice 12 of 30, window 400 centre 40". */
export function viewportName(source: Source, view: View): string {
  const parts = [source.title];
  if (source.shape[0] > 1) parts.push(`slice ${view.shown + 1} of ${source.shape[0]}`);
  if (view.window !== null && source.kind !== 'colour')
    parts.push(`window ${numberText(view.window.width, 4)} centre ${numberText(view.window.centre, 4)}`);
  return parts.join(', ');
}
