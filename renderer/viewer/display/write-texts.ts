/** Writes the texts over a picture, touching only what changed. */

import { useSession } from '../../app/session.ts';
import { useWorkspace } from '../../app/workspace.ts';
import { imageQuality } from '../maths/image-quality.ts';
import { numberText } from '../maths/number-text.ts';
import { edgeLetters } from '../maths/orientation-letters.ts';
import type { Matrix } from '../maths/view-matrix.ts';
import type { Resolved } from '../source/resolve-source.ts';
import type { Source, Values } from '../source/source.ts';
import { useViewState, type View, type ViewState } from '../view-state.ts';
import { colourBarLabels, paintColourBar } from './colour-bar.ts';
import { cornerText, simulated, viewportName } from './corner-text.ts';
import { mapSentence } from './map-words.ts';
import { probeText } from './probe-text.ts';
import { researchNotice } from './research-notice.ts';
import { dataFit } from './result-facts.ts';
import type { ViewportParts } from './viewport-parts.ts';
import './small-viewport.css';

/** CSS pixels across below which a viewport is small: four of them on a screen of 1024. */
const smallViewport = 420;
/** CSS pixels from top to bottom below which a legend and the corner text would meet. */
const compactViewport = 480;

const written = new WeakMap<Element, string>();

function write(element: HTMLElement, text: string): void {
  if (written.get(element) === text) return;
  written.set(element, text);
  element.textContent = text;
  element.hidden = text === '';
}

function attribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export interface TextContext {
  index: number;
  linked: 'position' | 'index' | null;
  overlay: Resolved['overlay'];
  failed: string;
  waiting: boolean;
  blinking: boolean;
}

/** Of what is no longer shown nothing stays behind, the patient's name least of all. */
export function clearTexts(parts: ViewportParts): void {
  const { title, remarks, fit, topLeft, topRight, bottomLeft, bottomRight, probe, barWords, state } = parts;
  for (const part of [title, remarks, fit, topLeft, topRight, bottomLeft, bottomRight, probe, barWords, state])
    write(part, '');
  for (const letter of Object.values(parts.letters)) write(letter, '');
  parts.svg.replaceChildren();
  attribute(parts.root, 'data-slice', '-1');
  attribute(parts.root, 'data-source', '');
}

/** PSNR, SSIM and NRMSE of the slice of a difference. */
const qualities = new Map<string, string>();
function qualityText(source: Source, slice: number): string {
  const { image, reference } = source;
  if (image === null || reference === null) return '';
  const key = `${source.key}/${slice}`;
  const known = qualities.get(key);
  if (known !== undefined) return known;
  const [a, b] = [image.peek(slice), reference.peek(slice)];
  if (a === undefined || b === undefined) return '';
  const found = imageQuality(a, b, source.shape[2]);
  const text =
    found === null
      ? ''
      : `PSNR ${numberText(found.psnr, 3)} dB · SSIM ${numberText(found.ssim, 3)} · NRMSE ${numberText(found.nrmse, 3)} · this slice, data range ${numberText(found.dataRange, 3)}`;
  if (qualities.size > 500) qualities.clear();
  qualities.set(key, text);
  return text;
}

export function writeTexts(
  parts: ViewportParts,
  source: Source,
  view: View,
  values: Values | null,
  context: TextContext,
): void {
  const chosen = useSession.getState().settings;
  // A small viewport has no room for lines over the picture: the short form, whatever is chosen.
  const { clientWidth: width, clientHeight: height } = parts.root;
  const small = width < smallViewport;
  // Nor has one of four beside the legend of a map.
  const compact = height < compactViewport && barShown(source, view, context.overlay);
  const settings =
    (small || compact) && chosen.cornerText === 'full' ? { ...chosen, cornerText: 'short' as const } : chosen;
  attribute(parts.root, 'data-small', String(small));
  attribute(parts.root, 'data-compact', String(compact));
  const state = useViewState.getState();
  const { active } = useWorkspace.getState();
  const isActive = active === context.index;
  const { cine } = state;
  const text = cornerText(source, view, settings, {
    linked: context.linked,
    fps: cine.playing && isActive && cine.measured > 0 ? cine.measured : null,
  });
  write(parts.topLeft, text.topLeft.join('\n'));
  write(parts.topRight, text.topRight.join('\n'));
  write(parts.bottomLeft, text.bottomLeft.join('\n'));
  write(parts.bottomRight, text.bottomRight.join('\n'));
  write(parts.title, `${source.title}${context.blinking ? ' (blink)' : ''}`);
  const quality = view.shown >= 0 && settings.cornerText !== 'off' ? qualityText(source, view.shown) : '';
  write(parts.remarks, [...source.remarks, quality].filter((line) => line !== '').join('\n'));
  attribute(parts.remarks, 'title', quality);
  const fit = settings.cornerText === 'off' ? null : dataFit(source);
  write(parts.fit, fit?.text ?? '');
  if (fit !== null) {
    attribute(parts.fit, 'data-tone', fit.tone);
    attribute(parts.fit, 'title', fit.sentence);
  }
  write(parts.notice, `${simulated(source) ? 'simulated k-space · ' : ''}${researchNotice}`);
  const plane = source.planes[Math.max(0, view.shown)];
  const letters =
    plane === undefined || settings.cornerText === 'off'
      ? { top: '', right: '', bottom: '', left: '' }
      : edgeLetters(plane.rowCosines, plane.columnCosines, view.rotation, view.hflip, view.vflip);
  for (const edge of ['top', 'right', 'bottom', 'left'] as const) write(parts.letters[edge], letters[edge]);
  writeBar(parts, source, view, context.overlay);
  const { hover } = state;
  const at = isActive && state.cursor !== null ? state.cursor : hover?.viewport === context.index ? hover.at : null;
  write(
    parts.probe,
    at === null || values === null || view.shown < 0 ? '' : probeText(source, view.shown, values, at).join('\n'),
  );
  attribute(parts.probe, 'data-pinned', String(state.tool === 'probe' || state.cursor !== null));
  write(parts.state, context.failed !== '' ? context.failed : context.waiting && view.shown < 0 ? 'Loading…' : '');
  attribute(parts.state, 'data-failed', String(context.failed !== ''));
  const slices = source.shape[0];
  parts.slider.hidden = slices < 2;
  if (parts.slider.max !== String(slices - 1)) parts.slider.max = String(slices - 1);
  if (parts.slider.value !== String(view.slice)) parts.slider.value = String(view.slice);
  attribute(parts.slider, 'aria-valuetext', `slice ${view.slice + 1} of ${slices}`);
  attribute(parts.root, 'aria-label', view.shown < 0 ? source.title : viewportName(source, view));
  attribute(parts.root, 'data-slice', String(view.shown));
  attribute(parts.root, 'data-source', view.shown < 0 ? '' : source.key);
}

/** Maps have a legend, and so has what is drawn in colours. */
function barShown(source: Source, view: View, overlay: Resolved['overlay']): boolean {
  if (overlay !== null) return true;
  if (source.kind === 'colour') return false;
  return source.kind !== 'image' || (view.colours ?? source.colours) !== 'grey';
}

function writeBar(parts: ViewportParts, source: Source, view: View, overlay: Resolved['overlay']): void {
  const above = overlay?.source;
  const colours = above?.colours ?? view.colours ?? source.colours;
  const shown = barShown(source, view, overlay);
  parts.barBox.hidden = !shown || view.window === null;
  if (!shown || view.window === null) return;
  const [low, high] = above?.role === 'evidence' ? [0, 1] : [Math.min(0, above?.range[0] ?? 0), above?.range[1] ?? 1];
  const window = above === undefined ? view.window : { centre: (low + high) / 2, width: high - low || 1 };
  const inverted = above === undefined && view.invert;
  const key = `${colours}/${inverted}`;
  if (written.get(parts.bar) !== key) {
    written.set(parts.bar, key);
    paintColourBar(parts.bar, colours, inverted);
  }
  const [top, middle, bottom] = colourBarLabels(window, (above ?? source).unit);
  write(parts.barTop, top);
  write(parts.barMiddle, middle);
  write(parts.barBottom, bottom);
  const words =
    above === undefined
      ? mapSentence(source)
      : `${above.title}, ${Math.round((overlay?.opacity ?? 0) * 100)} % over the image. ${mapSentence(above)}`;
  write(parts.barWords, words);
  attribute(parts.barBox, 'title', words);
}

const lensSide = 220;

/** A round lens at the pointer, or at the keyboard cursor, twice the size of the picture under it. */
export function paintLens(parts: ViewportParts, state: ViewState, index: number, matrix: Matrix): void {
  const active = useWorkspace.getState().active === index;
  const at = state.hover?.viewport === index ? state.hover.at : active ? state.cursor : null;
  const picture = parts.picture.querySelector('canvas');
  const middle = { x: parts.picture.clientWidth / 2, y: parts.picture.clientHeight / 2 };
  const shown = state.magnify && active && picture !== null;
  parts.lens.hidden = !shown;
  if (!shown || picture === null) return;
  const centre =
    at === null
      ? middle
      : {
          x: matrix.a * (at.x + 0.5) + matrix.c * (at.y + 0.5) + matrix.e,
          y: matrix.b * (at.x + 0.5) + matrix.d * (at.y + 0.5) + matrix.f,
        };
  if (parts.lens.width !== lensSide) {
    parts.lens.width = lensSide;
    parts.lens.height = lensSide;
  }
  const context = parts.lens.getContext('2d');
  if (context === null) return;
  context.fillRect(0, 0, lensSide, lensSide);
  const part = lensSide / 2.5;
  context.drawImage(picture, centre.x - part / 2, centre.y - part / 2, part, part, 0, 0, lensSide, lensSide);
  parts.lens.style.transform = `translate(${centre.x - lensSide / 2}px, ${centre.y - lensSide / 2}px)`;
}
