/** Every action of the viewports as a command, with the keys of the viewer's table. */
import { announce } from '../../app/announce.ts';
import { type Command, useCommands } from '../../app/commands.ts';
import { useWorkspace, viewportCount } from '../../app/workspace.ts';
import type { QuarterTurn } from '../maths/view-matrix.ts';
import { presetTitles } from '../maths/window-level.ts';
import { changeView, isMeasureTool, type Tool, useViewState } from '../view-state.ts';
import { changeCineRate, toggleCine } from './cine.ts';
import { comparisonCommands } from './comparison-commands.ts';
import { controllerOf } from './controllers.ts';
import { frameCommands } from './frame-commands.ts';
import { cursorInUse, enter, leave, moveCursor } from './keyboard-cursor.ts';
import { useMaximised } from './maximise.ts';
import { windowStep } from './pointer-actions.ts';
import { stepItem } from './step-item.ts';
import {
  activeIndex,
  activeSource,
  activeView,
  applyPreset,
  fitView,
  oneToOne,
  place,
  resetView,
  scrollBy,
  scrollTo,
  setWindow,
  trueSize,
  zoomBy,
} from './view-actions.ts';
import { always, command, stack } from './viewer-command.ts';

const toolNames: readonly [Tool, string, string][] = [
  ['window', 'Window and level', 'W'],
  ['region', 'Window to a region', 'Shift+W'],
  ['pan', 'Pan', 'P'],
  ['zoom', 'Zoom', 'Z'],
  ['scroll', 'Scroll slices', 'S'],
  ['length', 'Length', 'D'],
  ['angle', 'Angle', 'A'],
  ['cobb', 'Cobb angle', 'Shift+A'],
  ['ellipse', 'Ellipse', 'E'],
  ['rectangle', 'Rectangle', 'T'],
  ['circle', 'Circle', 'O'],
  ['freehand', 'Freehand region', 'F'],
  ['probe', 'Pixel probe', 'X'],
];

export function chooseTool(tool: Tool): void {
  useViewState.setState({
    tool,
    draft: null,
    grabbed: null,
    ...(isMeasureTool(tool) || tool === 'region' ? {} : { cursor: null }),
  });
  const title = toolNames.find(([name]) => name === tool)?.[1] ?? tool;
  announce(
    isMeasureTool(tool) || tool === 'region' ? `${title}: arrow keys move the cursor, Enter sets a point` : title,
  );
}

const toolCommands = toolNames.map(([tool, title, key]) =>
  command(
    `tool-${tool}`,
    isMeasureTool(tool) ? `Measure: ${title.toLowerCase()}` : title,
    isMeasureTool(tool) ? 'Measure' : 'Viewer tools',
    'Tools',
    [key],
    () => chooseTool(tool),
  ),
);

/** Alt and an arrow: what dragging with the tool in hand would do. */
function adjust(dx: number, dy: number): void {
  const index = activeIndex();
  const { tool } = useViewState.getState();
  const view = activeView();
  const controller = controllerOf(index);
  if (tool === 'pan') place(index, { pan: { x: view.pan.x + dx * 24, y: view.pan.y + dy * 24 } });
  else if (tool === 'zoom') zoomBy(index, 1.1 ** (dx - dy));
  else if (tool === 'scroll') scrollBy(index, dx + dy);
  else if (view.window !== null && controller !== undefined) {
    const step = windowStep(controller);
    setWindow(index, {
      centre: view.window.centre + dy * step,
      width: Math.max(step / 8, view.window.width + dx * step),
    });
  }
}

const adjustCommands = (
  [
    ['right', 'wider, pan right', 1, 0, 'ArrowRight'],
    ['left', 'narrower, pan left', -1, 0, 'ArrowLeft'],
    ['down', 'centre up, pan down', 0, 1, 'ArrowDown'],
    ['up', 'centre down, pan up', 0, -1, 'ArrowUp'],
  ] as const
).map(([name, title, dx, dy, key]) =>
  command(`adjust-${name}`, `Adjust: ${title}`, 'Viewer tools', 'Tools', [`Alt+${key}`], () => adjust(dx, dy)),
);

const arrow = (dx: number, dy: number, otherwise: () => void) => () =>
  cursorInUse() ? moveCursor(dx, dy) : otherwise();

export function nextViewport(by: number): void {
  const { active, layout, setActive } = useWorkspace.getState();
  const count = viewportCount[layout];
  const next = (active + by + count) % count;
  setActive(next);
  if (useMaximised.getState().index !== null) useMaximised.setState({ index: next });
  controllerOf(next)?.focus();
}

const moveCommands: readonly Command[] = [
  command(
    'up',
    'Previous slice, or cursor up',
    'Slices',
    'View',
    ['ArrowUp'],
    arrow(0, -1, () => scrollBy(activeIndex(), -1)),
  ),
  command(
    'down',
    'Next slice, or cursor down',
    'Slices',
    'View',
    ['ArrowDown'],
    arrow(0, 1, () => scrollBy(activeIndex(), 1)),
  ),
  command(
    'left',
    'Previous viewport, or cursor left',
    'Slices',
    'View',
    ['ArrowLeft'],
    arrow(-1, 0, () => nextViewport(-1)),
    always,
  ),
  command(
    'right',
    'Next viewport, or cursor right',
    'Slices',
    'View',
    ['ArrowRight'],
    arrow(1, 0, () => nextViewport(1)),
    always,
  ),
  ...(
    [
      ['up', 0, -10, 'ArrowUp'],
      ['down', 0, 10, 'ArrowDown'],
      ['left', -10, 0, 'ArrowLeft'],
      ['right', 10, 0, 'ArrowRight'],
    ] as const
  ).map(([name, dx, dy, key]) =>
    command(
      `far-${name}`,
      `Cursor ${name} by ten pixels`,
      'Measure',
      'Tools',
      [`Shift+${key}`],
      () => moveCursor(dx, dy),
      cursorInUse,
    ),
  ),
  command('enter', 'Set a point, or take the next point', 'Measure', 'Tools', ['Enter'], enter),
  command('escape', 'Leave the tool or the measurement', 'Measure', 'Tools', ['Escape'], leave),
  command('slice-previous', 'Previous slice', 'Slices', 'View', ['['], () => scrollBy(activeIndex(), -1), stack),
  command('slice-next', 'Next slice', 'Slices', 'View', [']'], () => scrollBy(activeIndex(), 1), stack),
  command('first', 'First slice', 'Slices', 'View', ['Home'], () => scrollTo(activeIndex(), 0), stack),
  command(
    'last',
    'Last slice',
    'Slices',
    'View',
    ['End'],
    () => scrollTo(activeIndex(), Number.MAX_SAFE_INTEGER),
    stack,
  ),
  command(
    'jump',
    'Jump to a slice…',
    'Slices',
    'View',
    ['Ctrl+J'],
    () => document.querySelector<HTMLElement>('.slice-box input')?.focus(),
    stack,
  ),
  command('series-previous', 'Previous series', 'Slices', 'View', ['PageUp'], () => stepItem(-1), always),
  command('series-next', 'Next series', 'Slices', 'View', ['PageDown'], () => stepItem(1), always),
  command('cine', 'Play or stop', 'Slices', 'View', ['C'], toggleCine, stack),
  command('cine-slower', 'Play slower', 'Slices', 'View', [','], () => changeCineRate(1 / 1.25), stack),
  command('cine-faster', 'Play faster', 'Slices', 'View', ['.'], () => changeCineRate(1.25), stack),
];

const change = (patch: (view: ReturnType<typeof activeView>) => Parameters<typeof changeView>[1]) => () =>
  changeView(activeIndex(), patch(activeView()));

const turn = (by: number) => change(({ rotation }) => ({ rotation: ((rotation + by + 360) % 360) as QuarterTurn }));

const lookCommands: readonly Command[] = [
  ...[0, 1, 2, 3, 4].map((index) =>
    command(
      `preset-${index + 1}`,
      `Window preset ${index + 1}: ${presetTitles(true)[index]} (CT), ${presetTitles(false)[index].toLowerCase()}`,
      'Window',
      'View',
      [String(index + 1)],
      () => {
        applyPreset(activeIndex(), index);
        announce(presetTitles(activeSource()?.unit === 'HU')[index] ?? '');
      },
    ),
  ),
  command('zoom-in', 'Zoom in', 'Zoom', 'View', ['+'], () => zoomBy(activeIndex(), 1.2)),
  command('zoom-out', 'Zoom out', 'Zoom', 'View', ['-'], () => zoomBy(activeIndex(), 1 / 1.2)),
  command('fit', 'Fit to the viewport', 'Zoom', 'View', ['='], () => fitView(activeIndex())),
  command('one-to-one', 'One screen pixel per pixel', 'Zoom', 'View', ['0'], () => oneToOne(activeIndex())),
  command('true-size', 'True size in mm', 'Zoom', 'View', ['Shift+0'], () => trueSize(activeIndex())),
  command(
    'invert',
    'Invert',
    'Appearance of the image',
    'View',
    ['I'],
    change(({ invert }) => ({ invert: !invert })),
  ),
  command('rotate-right', 'Rotate right', 'Appearance of the image', 'View', ['R'], turn(90)),
  command('rotate-left', 'Rotate left', 'Appearance of the image', 'View', ['L'], turn(-90)),
  command(
    'flip-horizontal',
    'Flip left and right',
    'Appearance of the image',
    'View',
    ['H'],
    change(({ hflip }) => ({ hflip: !hflip })),
  ),
  command(
    'flip-vertical',
    'Flip top and bottom',
    'Appearance of the image',
    'View',
    ['V'],
    change(({ vflip }) => ({ vflip: !vflip })),
  ),
  command(
    'interpolation',
    'Smooth or show pixels',
    'Appearance of the image',
    'View',
    ['Q'],
    change(({ interpolate }) => ({ interpolate: !interpolate })),
  ),
  command('reset', 'Reset the view', 'Appearance of the image', 'View', ['Space'], () => resetView(activeIndex())),
  {
    ...command('magnify', 'Magnify (hold)', 'Viewer tools', 'Tools', ['G'], () =>
      useViewState.setState({ magnify: true }),
    ),
    release: () => useViewState.setState({ magnify: false }),
  },
  {
    ...command('blink', 'Blink with the other viewport (hold)', 'Compare', 'View', ['B'], () =>
      useViewState.setState({ blink: true }),
    ),
    release: () => useViewState.setState({ blink: false }),
  },
];

/** Returns the way to take them away again. */
export function registerViewerCommands(): () => void {
  return useCommands
    .getState()
    .register([
      ...toolCommands,
      ...adjustCommands,
      ...moveCommands,
      ...lookCommands,
      ...frameCommands,
      ...comparisonCommands,
    ]);
}
