/** Commands that change what a viewport draws of a result: another part, a difference, an overlay, a colour map. */
import { announce } from '../../app/announce.ts';
import type { Command } from '../../app/commands.ts';
import { describeItem } from '../../app/session.ts';
import { toast } from '../../app/toasts.ts';
import { useWorkspace, type ViewportContent } from '../../app/workspace.ts';
import { colourMapNames, colourMapTitles } from '../maths/colour-maps.ts';
import { changeView, useViewState } from '../view-state.ts';
import { activeIndex, activeSource, activeView } from './view-actions.ts';

export function activeContent(): ViewportContent | null {
  const { contents, active } = useWorkspace.getState();
  const content = contents[active];
  return content !== null && 'item' in content ? content : null;
}

const showing = () => activeContent() !== null;
const show = (content: ViewportContent) => useWorkspace.getState().show(content);

/** The next part of the item: image, phase, reference, … */
async function nextComponent(): Promise<void> {
  const content = activeContent();
  if (content === null) return;
  const { components } = await describeItem(content.item);
  const at = components.findIndex(({ name }) => name === content.component);
  const next = components[(at + 1) % components.length];
  show({ item: content.item, component: next.name });
  announce(next.title);
}

async function toggleDifference(): Promise<void> {
  const content = activeContent();
  if (content === null) return;
  if (content.difference !== undefined) {
    show({ item: content.item, component: content.component });
    return;
  }
  const { components } = await describeItem(content.item);
  const other = components.find(({ name }) => name === 'reference' && name !== content.component);
  const { contents, active } = useWorkspace.getState();
  // Without a reference of its own: against the image in the next viewport.
  const beside = contents.find(
    (one, i) => i !== active && one !== null && 'item' in one && one.difference === undefined,
  );
  const against =
    other !== undefined
      ? { item: content.item, component: other.name }
      : beside !== null && beside !== undefined && 'item' in beside
        ? { item: beside.item, component: beside.component }
        : null;
  if (against === null) {
    toast('A difference needs a reference, or another image in a second viewport.', 'info');
    return;
  }
  show({ item: content.item, component: content.component, difference: { against, absolute: false, gain: 1 } });
}

export function changeDifference(change: Partial<NonNullable<ViewportContent['difference']>>): void {
  const content = activeContent();
  if (content?.difference === undefined) return;
  // A new gain means a new window.
  changeView(activeIndex(), { window: null });
  show({ ...content, difference: { ...content.difference, ...change } });
}

export async function toggleOverlay(role: 'evidence' | 'uncertainty'): Promise<void> {
  const content = activeContent();
  if (content === null) return;
  const { components } = await describeItem(content.item);
  const map = components.find((one) => one.role === role);
  if (map === undefined) {
    toast(
      role === 'evidence'
        ? 'This item has no evidence map.'
        : 'This item has no uncertainty; reconstruct with several samples.',
      'info',
    );
    return;
  }
  const { overlay, ...plain } = content;
  if (overlay?.component === map.name) show(plain);
  else show({ ...plain, overlay: { item: content.item, component: map.name, opacity: 0.4 } });
  announce(`${map.title} overlay ${overlay?.component === map.name ? 'off' : 'on'}`);
}

const inDifference = () => activeContent()?.difference !== undefined;

const command = (id: string, title: string, keys: readonly string[], run: () => void, enabled = showing): Command => ({
  id: `viewer.${id}`,
  title,
  group: 'Compare',
  menu: 'View',
  keys,
  run,
  enabled,
});

export const comparisonCommands: readonly Command[] = [
  command('next-component', 'Next part of the item', ['Y'], () => void nextComponent()),
  command('difference', 'Difference from the reference', ['K'], () => void toggleDifference()),
  command(
    'difference-absolute',
    'Absolute or signed difference',
    ['Shift+K'],
    () => changeDifference({ absolute: activeContent()?.difference?.absolute !== true }),
    inDifference,
  ),
  command(
    'difference-gain',
    'Gain of the difference: ×1, ×5, ×10',
    ['Ctrl+Shift+K'],
    () => {
      const gain = activeContent()?.difference?.gain;
      changeDifference({ gain: gain === 1 ? 5 : gain === 5 ? 10 : 1 });
    },
    inDifference,
  ),
  command('overlay-evidence', 'Evidence over the image', ['Shift+E'], () => void toggleOverlay('evidence')),
  command('overlay-uncertainty', 'Uncertainty over the image', ['Shift+U'], () => void toggleOverlay('uncertainty')),
  command('colours', 'Next colour map', ['Shift+C'], () => {
    const source = activeSource();
    if (source === null) return;
    const now = activeView().colours ?? source.colours;
    const next = colourMapNames[(colourMapNames.indexOf(now) + 1) % colourMapNames.length];
    changeView(activeIndex(), { colours: next });
    announce(colourMapTitles[next]);
  }),
  command(
    'mpr',
    'Multi-planar view',
    ['Shift+P'],
    () => useViewState.setState(({ mpr }) => ({ mpr: mpr === null ? activeContent() : null })),
    () => useViewState.getState().mpr !== null || (activeSource()?.shape[0] ?? 0) > 2,
  ),
  command(
    'surface',
    'Surface of the volume',
    ['Shift+V'],
    () => useViewState.setState(({ surface }) => ({ surface: surface === null ? activeContent() : null })),
    () => useViewState.getState().surface !== null || (activeSource()?.shape[0] ?? 0) > 2,
  ),
];
