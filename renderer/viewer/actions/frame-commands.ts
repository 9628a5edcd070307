/** Layout, links, texts, and the history and list of measurements as commands. */
import { announce } from '../../app/announce.ts';
import { changeSettings } from '../../app/change-settings.ts';
import type { Command } from '../../app/commands.ts';
import { useSession } from '../../app/session.ts';
import { type Layout, useWorkspace } from '../../app/workspace.ts';
import { redo, removeMeasurement, undo, useMeasurements } from '../measure/measurements.ts';
import { useViewState } from '../view-state.ts';
import { selectNext } from './keyboard-cursor.ts';
import { toggleMaximised, useMaximised } from './maximise.ts';
import { activeIndex } from './view-actions.ts';
import { always, command } from './viewer-command.ts';

const layoutCommand = (layout: Layout, title: string, key: string) =>
  command(
    `layout-${layout}`,
    title,
    'Layout',
    'View',
    [key],
    () => {
      useMaximised.setState({ index: null });
      useWorkspace.getState().setLayout(layout);
      announce(title);
    },
    always,
  );

const texts = ['full', 'short', 'off'] as const;

export function toggleLink(kind: 'scroll' | 'window' | 'zoom'): void {
  const { links } = useViewState.getState();
  useViewState.setState({ links: { ...links, [kind]: !links[kind] } });
  announce(
    `${kind === 'scroll' ? 'Scrolling' : kind === 'window' ? 'Windows' : 'Zoom'} ${links[kind] ? 'no longer linked' : 'linked'}`,
  );
}

export const frameCommands: readonly Command[] = [
  layoutCommand('1x1', 'One viewport', 'Ctrl+1'),
  layoutCommand('1x2', 'Two viewports', 'Ctrl+2'),
  layoutCommand('2x2', 'Four viewports', 'Ctrl+4'),
  command('maximise', 'Maximise the viewport, or back', 'Layout', 'View', ['M'], () => toggleMaximised(activeIndex())),
  command(
    'link-menu',
    'Choose what is linked…',
    'Compare',
    'View',
    ['Ctrl+L'],
    () => document.querySelector<HTMLElement>('[data-link-menu] button')?.click(),
    always,
  ),
  command('link-scroll', 'Link scrolling', 'Compare', 'View', ['Shift+S'], () => toggleLink('scroll'), always),
  command('link-window', 'Link windows', 'Compare', 'View', ['Ctrl+Shift+W'], () => toggleLink('window'), always),
  command('link-zoom', 'Link zoom and pan', 'Compare', 'View', ['Shift+Z'], () => toggleLink('zoom'), always),
  command(
    'reference-lines',
    'Reference lines and crosshair',
    'Compare',
    'View',
    ['N'],
    () => {
      const { referenceLines } = useViewState.getState();
      useViewState.setState({ referenceLines: !referenceLines, place: null });
      announce(referenceLines ? 'Reference lines off' : 'Reference lines on');
    },
    always,
  ),
  command(
    'corner-text',
    'Corner text: full, short, off',
    'Appearance of the image',
    'View',
    ['J'],
    () => {
      const next = texts[(texts.indexOf(useSession.getState().settings.cornerText) + 1) % texts.length];
      changeSettings({ cornerText: next });
      announce(`Corner text ${next}`);
    },
    always,
  ),
  command(
    'undo',
    'Undo a measurement',
    'Measure',
    'Tools',
    ['Ctrl+Z'],
    () => announce(undo() ? 'Undone' : 'Nothing to undo'),
    () => useMeasurements.getState().past.length > 0,
  ),
  command(
    'redo',
    'Do it again',
    'Measure',
    'Tools',
    ['Ctrl+Shift+Z'],
    () => announce(redo() ? 'Done again' : 'Nothing to do again'),
    () => useMeasurements.getState().future.length > 0,
  ),
  command(
    'delete',
    'Delete the selected measurement',
    'Measure',
    'Tools',
    ['Delete'],
    () => {
      const { selected } = useMeasurements.getState();
      if (selected !== null) removeMeasurement(selected);
      useViewState.setState({ grabbed: null });
    },
    () => useMeasurements.getState().selected !== null,
  ),
  command('next-measurement', 'Select the next measurement', 'Measure', 'Tools', ['Shift+M'], selectNext),
  command(
    'measurements',
    'List of measurements',
    'Measure',
    'Tools',
    ['Ctrl+M'],
    () => useViewState.setState(({ list }) => ({ list: !list })),
    always,
  ),
];
