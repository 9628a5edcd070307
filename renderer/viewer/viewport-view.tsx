/** One viewport: its elements, made once; the controller writes into them. */
import { useEffect, useRef, useState } from 'react';
import { useSession } from '../app/session.ts';
import { useWorkspace } from '../app/workspace.ts';
import { controllerOf } from './actions/controllers.ts';
import { listenToPointers } from './actions/pointer-actions.ts';
import { scrollTo } from './actions/view-actions.ts';
import { type ViewportController, viewportController } from './display/viewport-controller.ts';
import type { ViewportParts } from './display/viewport-parts.ts';
import { LiveState, useLivePreview } from './live-preview.tsx';
import { type Resolved, resolveSource } from './source/resolve-source.ts';
import { isMeasureTool, useViewState } from './view-state.ts';
import { WarningBanner } from './warning-banner.tsx';

/** Resolves what the workspace puts here; the message says why nothing can be shown. */
function useResolved(index: number): { resolved: Resolved | null; problem: string } {
  const content = useWorkspace((state) => state.contents[index]);
  const revision = useSession((state) =>
    content !== null && 'item' in content ? (state.items.get(content.item)?.revision ?? 0) : 0,
  );
  const [state, setState] = useState<{ resolved: Resolved | null; problem: string }>({ resolved: null, problem: '' });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new revision means new pixels under the same content
  useEffect(() => {
    let gone = false;
    if (content === null || 'job' in content) {
      setState({ resolved: null, problem: '' });
      return;
    }
    resolveSource(content).then(
      (resolved) => {
        if (!gone) setState({ resolved, problem: '' });
      },
      (thrown: unknown) => {
        if (!gone) setState({ resolved: null, problem: thrown instanceof Error ? thrown.message : String(thrown) });
      },
    );
    return () => {
      gone = true;
    };
  }, [content, revision]);
  return state;
}

const partNames = [
  'title',
  'remarks',
  'fit',
  'topLeft',
  'topRight',
  'bottomLeft',
  'bottomRight',
  'notice',
  'probe',
  'barTop',
  'barMiddle',
  'barBottom',
  'barWords',
  'state',
] as const;

function collect(root: HTMLElement): ViewportParts {
  const find = <T extends Element>(name: string): T => {
    const found = root.querySelector<T>(`[data-part="${name}"]`);
    if (found === null) throw new Error(`the viewport has no part ${name}`);
    return found;
  };
  const texts = Object.fromEntries(partNames.map((name) => [name, find<HTMLElement>(name)])) as Record<
    (typeof partNames)[number],
    HTMLElement
  >;
  return {
    ...texts,
    root,
    picture: find('picture'),
    overlay: find('overlay'),
    svg: find('svg'),
    lens: find('lens'),
    letters: { top: find('top'), right: find('right'), bottom: find('bottom'), left: find('left') },
    barBox: find('barBox'),
    bar: find('bar'),
    slider: find('slider'),
  };
}

export function ViewportView({ index, hidden }: { index: number; hidden: boolean }) {
  const root = useRef<HTMLElement>(null);
  const [controller, setController] = useState<ViewportController | null>(null);
  const active = useWorkspace((state) => state.active === index);
  const content = useWorkspace((state) => state.contents[index]);
  const tool = useViewState((state) => state.tool);
  const { resolved: plain, problem } = useResolved(index);
  const job = content !== null && 'job' in content ? content.job : null;
  const live = useLivePreview(job);
  const resolved = job === null ? plain : live;

  useEffect(() => {
    if (root.current === null) return;
    const made = viewportController(index, collect(root.current));
    const stop = listenToPointers(root.current, index, made);
    setController(made);
    return () => {
      stop();
      made.dispose();
    };
  }, [index]);
  useEffect(() => {
    controller?.setSource(hidden ? null : resolved);
  }, [controller, resolved, hidden]);
  useEffect(() => {
    if (
      active &&
      !hidden &&
      document.activeElement instanceof HTMLElement &&
      document.activeElement.closest('.viewport') !== null
    )
      controllerOf(index)?.focus();
  }, [active, hidden, index]);

  const empty = resolved === null;
  const cursor = isMeasureTool(tool) || tool === 'region' ? 'draw' : tool;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is no place for a picture
    <section
      ref={root}
      className="viewport"
      role="group"
      aria-label={empty ? `Viewport ${index + 1}, empty` : undefined}
      aria-current={active || undefined}
      data-viewport={index}
      data-active={active || undefined}
      data-empty={empty || undefined}
      data-tool={cursor}
      hidden={hidden}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys act on the viewport that has the focus
      tabIndex={0}
      onFocus={() => useWorkspace.getState().setActive(index)}
    >
      <div className="viewport-picture" data-part="picture" />
      <canvas className="viewport-overlay" data-part="overlay" hidden />
      <svg className="viewport-svg" data-part="svg" aria-hidden="true" />
      <canvas className="viewport-lens" data-part="lens" hidden />
      <div className="viewport-head">
        <span className="viewport-title" data-part="title" hidden />
        <span className="viewport-remarks" data-part="remarks" hidden />
        <span className="viewport-fit" data-part="fit" hidden />
        <WarningBanner source={resolved?.source ?? null} />
        {job !== null && <LiveState job={job} />}
      </div>
      <div className="viewport-corner viewport-top-left" data-part="topLeft" hidden />
      <div className="viewport-corner viewport-top-right" data-part="topRight" hidden />
      <div className="viewport-corner viewport-bottom-left" data-part="bottomLeft" hidden />
      <div className="viewport-corner viewport-bottom-right" data-part="bottomRight" hidden />
      <div className="viewport-notice" data-part="notice" hidden />
      {(['top', 'right', 'bottom', 'left'] as const).map((edge) => (
        <span key={edge} className={`viewport-letter viewport-letter-${edge}`} data-part={edge} hidden />
      ))}
      <div className="viewport-probe" data-part="probe" hidden />
      <div className="viewport-bar" data-part="barBox" hidden>
        <div className="viewport-bar-row">
          <canvas data-part="bar" />
          <div className="viewport-bar-labels">
            <span data-part="barTop" />
            <span data-part="barMiddle" />
            <span data-part="barBottom" />
          </div>
        </div>
        <p data-part="barWords" />
      </div>
      <input
        className="viewport-slider"
        data-part="slider"
        type="range"
        min={0}
        defaultValue={0}
        step={1}
        aria-label="Slice"
        hidden
        onInput={(event) => scrollTo(index, Number(event.currentTarget.value))}
      />
      <div className="viewport-state" data-part="state" role="status" hidden />
      {problem !== '' && (
        <p className="viewport-problem" role="alert">
          {problem}
        </p>
      )}
      {empty && problem === '' && job === null && (
        <p className="viewport-empty">Choose a series or result in the library</p>
      )}
    </section>
  );
}
