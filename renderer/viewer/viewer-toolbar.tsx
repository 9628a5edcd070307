/** Tools of the viewports in one row with one Tab stop; everything here is also a command with a key. */
import { useEffect, useState } from 'react';
import { useCommands } from '../app/commands.ts';
import { shownKey } from '../app/key-map.ts';
import { useSession } from '../app/session.ts';
import { useWorkspace } from '../app/workspace.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Menu, type MenuAction } from '../components/menu.tsx';
import { ToggleButton } from '../components/toggle-button.tsx';
import { Toolbar } from '../components/toolbar.tsx';
import { controllerOf } from './actions/controllers.ts';
import { toggleLink } from './actions/frame-commands.ts';
import { linkedBy, scrollTo } from './actions/view-actions.ts';
import { chooseTool } from './actions/viewer-commands.ts';
import { presetTitles } from './maths/window-level.ts';
import { type Tool, useViewState } from './view-state.ts';
import { ViewerIcon, type ViewerIconName } from './viewer-icon.tsx';

const tools: readonly [Tool, ViewerIconName, string][] = [
  ['window', 'window', 'Window and level'],
  ['pan', 'pan', 'Pan'],
  ['zoom', 'zoom', 'Zoom'],
  ['scroll', 'scroll', 'Scroll slices'],
];
const measures: readonly [Tool, ViewerIconName, string][] = [
  ['length', 'length', 'Length'],
  ['angle', 'angle', 'Angle'],
  ['cobb', 'cobb', 'Cobb angle'],
  ['ellipse', 'ellipse', 'Ellipse'],
  ['rectangle', 'rectangle', 'Rectangle'],
  ['circle', 'circle', 'Circle'],
  ['freehand', 'freehand', 'Freehand region'],
  ['probe', 'probe', 'Pixel probe'],
];

function useKey(): (id: string) => string {
  const commands = useCommands((state) => state.commands);
  const chosen = useSession((state) => state.settings.keys);
  return (id) => {
    const command = commands.get(id);
    return command === undefined ? '' : shownKey(command, chosen);
  };
}

/** The number of the slice as it is, and a place to type another. Updated past React while scrolling. */
function SliceBox() {
  const active = useWorkspace((state) => state.active);
  const content = useWorkspace((state) => state.contents[state.active]);
  const [count, setCount] = useState(0);
  const [text, setText] = useState<string | null>(null);
  const [slice, setSlice] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new content has another number of slices
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = () => {
      timer = undefined;
      const source = controllerOf(active)?.source();
      setCount(source?.shape[0] ?? 0);
      setSlice(useViewState.getState().views[active].slice);
    };
    const later = () => {
      timer ??= setTimeout(read, 150);
    };
    later();
    const stop = useViewState.subscribe(later);
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [active, content]);
  if (count < 2) return null;
  const go = () => {
    const wanted = Number.parseInt(text ?? '', 10);
    if (Number.isInteger(wanted)) scrollTo(active, wanted - 1);
    setText(null);
  };
  return (
    <label className="slice-box">
      <span>Slice</span>
      <input
        inputMode="numeric"
        value={text ?? String(slice + 1)}
        onChange={(event) => setText(event.currentTarget.value)}
        onFocus={(event) => event.currentTarget.select()}
        onBlur={go}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            go();
            controllerOf(active)?.focus();
          } else if (event.key === 'Escape') {
            setText(null);
            controllerOf(active)?.focus();
          }
        }}
      />
      <span>/ {count}</span>
    </label>
  );
}

export function ViewerToolbar() {
  const key = useKey();
  const tool = useViewState((state) => state.tool);
  const links = useViewState((state) => state.links);
  const list = useViewState((state) => state.list);
  const playing = useViewState((state) => state.cine.playing);
  const layout = useWorkspace((state) => state.layout);
  const content = useWorkspace((state) => state.contents[state.active]);
  const unit = useSession((state) =>
    content !== null && 'item' in content
      ? (state.descriptions.get(content.item)?.components.find(({ name }) => name === content.component)?.unit ?? '')
      : '',
  );
  const run = useCommands((state) => state.run);
  const action = (id: string, title: string): MenuAction => ({
    id,
    title,
    keys: key(id),
    disabled: useCommands.getState().commands.get(id)?.enabled?.() === false,
    run: () => run(id),
  });
  const toolButton = ([name, icon, title]: readonly [Tool, ViewerIconName, string]) => (
    <ToggleButton
      key={name}
      label={title}
      icon={<ViewerIcon name={icon} />}
      keys={key(`viewer.tool-${name}`)}
      isSelected={tool === name}
      onChange={() => chooseTool(tool === name ? 'window' : name)}
    />
  );
  const linked = linkedBy(useWorkspace.getState().active);
  return (
    <Toolbar label="Viewer" className="viewer-toolbar">
      <div className="viewer-tools">{tools.map(toolButton)}</div>
      <span className="viewer-gap" aria-hidden="true" />
      <div className="viewer-tools">{measures.map(toolButton)}</div>
      <span className="viewer-gap" aria-hidden="true" />
      <Menu
        label="Windows"
        groups={[
          {
            id: 'presets',
            title: unit === 'HU' ? 'Hounsfield presets' : 'Windows',
            actions: presetTitles(unit === 'HU').map((title, index) => action(`viewer.preset-${index + 1}`, title)),
          },
          {
            id: 'region',
            actions: [action('viewer.tool-region', 'Window to a region'), action('viewer.invert', 'Invert')],
          },
        ]}
      >
        <Button variant="quiet" className="viewer-tools-menu" icon={<ViewerIcon name="invert" />}>
          Window
        </Button>
      </Menu>
      <Menu
        label="View"
        groups={[
          {
            id: 'zoom',
            title: 'Size',
            actions: [
              action('viewer.fit', 'Fit'),
              action('viewer.one-to-one', 'One to one'),
              action('viewer.true-size', 'True size in mm'),
            ],
          },
          {
            id: 'turn',
            title: 'Turn',
            actions: [
              action('viewer.rotate-right', 'Rotate right'),
              action('viewer.rotate-left', 'Rotate left'),
              action('viewer.flip-horizontal', 'Flip left and right'),
              action('viewer.flip-vertical', 'Flip top and bottom'),
              action('viewer.interpolation', 'Smooth or pixels'),
              action('viewer.reset', 'Reset'),
            ],
          },
          {
            id: 'planes',
            title: 'Volume',
            actions: [action('viewer.mpr', 'Multi-planar view'), action('viewer.surface', 'Surface')],
          },
        ]}
      >
        <Button variant="quiet" className="viewer-tools-menu" icon={<ViewerIcon name="rotate" />}>
          View
        </Button>
      </Menu>
      <Menu
        label="Compare"
        groups={[
          {
            id: 'difference',
            title: 'Difference',
            actions: [
              action('viewer.difference', 'From the reference'),
              action('viewer.difference-absolute', 'Absolute or signed'),
              action('viewer.difference-gain', 'Gain ×1, ×5, ×10'),
            ],
          },
          {
            id: 'maps',
            title: 'Maps over the image',
            actions: [
              action('viewer.overlay-evidence', 'Evidence'),
              action('viewer.overlay-uncertainty', 'Uncertainty'),
              action('viewer.colours', 'Next colour map'),
            ],
          },
          {
            id: 'other',
            actions: [
              action('viewer.next-component', 'Next part of the item'),
              action('viewer.reference-lines', 'Reference lines'),
            ],
          },
        ]}
      >
        <Button variant="quiet" className="viewer-tools-menu" icon={<Icon name="compare" />}>
          Compare
        </Button>
      </Menu>
      <span data-link-menu>
        <Menu
          label="Linked"
          groups={[
            {
              id: 'links',
              title: linked === null ? 'Between viewports' : `Scrolling by ${linked}`,
              actions: (['scroll', 'window', 'zoom'] as const).map((kind) => ({
                id: kind,
                title: `${links[kind] ? '✓ ' : ''}${kind === 'scroll' ? 'Scrolling' : kind === 'window' ? 'Windows' : 'Zoom and pan'}${links[kind] ? ': linked' : ': free'}`,
                keys: key(`viewer.link-${kind}`),
                run: () => toggleLink(kind),
              })),
            },
          ]}
        >
          <Button variant="quiet" className="viewer-tools-menu" icon={<Icon name="link" />}>
            Link
          </Button>
        </Menu>
      </span>
      <span className="viewer-gap" aria-hidden="true" />
      {(
        [
          ['1x1', 'one', 'One viewport'],
          ['1x2', 'two', 'Two viewports'],
          ['2x2', 'four', 'Four viewports'],
        ] as const
      ).map(([name, icon, title]) => (
        <ToggleButton
          key={name}
          label={title}
          icon={<ViewerIcon name={icon} />}
          keys={key(`viewer.layout-${name}`)}
          isSelected={layout === name}
          onChange={() => run(`viewer.layout-${name}`)}
        />
      ))}
      <span className="viewer-gap" aria-hidden="true" />
      <ToggleButton
        label={playing ? 'Stop' : 'Play slices'}
        icon={<Icon name={playing ? 'pause' : 'play'} />}
        keys={key('viewer.cine')}
        isSelected={playing}
        onChange={() => run('viewer.cine')}
      />
      <SliceBox />
      <span className="viewer-spring" />
      <ToggleButton
        label="List of measurements"
        icon={<ViewerIcon name="list" />}
        keys={key('viewer.measurements')}
        isSelected={list}
        onChange={() => run('viewer.measurements')}
      />
    </Toolbar>
  );
}
