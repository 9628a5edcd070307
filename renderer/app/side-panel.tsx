/** The panel beside the viewports; its edge is dragged, or moved with the arrow keys. */
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { ErrorBoundary } from './error-boundary.tsx';
import { sideLimits, useFrame } from './frame-state.ts';
import { panelList } from './panel-list.tsx';
import { useSession } from './session.ts';
import './side-panel.css';

const clamp = (width: number) =>
  Math.round(Math.max(sideLimits.least, Math.min(sideLimits.most, innerWidth * 0.6, width)));

function Edge() {
  const width = useFrame((state) => state.sideWidth);
  const start = useRef<{ x: number; width: number } | null>(null);
  const set = (next: number) => useFrame.setState({ sideWidth: clamp(next) });
  const onKeyDown = (event: KeyboardEvent) => {
    const change = { ArrowLeft: -16, ArrowRight: 16, Home: -2000, End: 2000 }[event.key];
    if (change === undefined) return;
    event.preventDefault();
    set(width + change);
  };
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { x: event.clientX, width };
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved; a separator with a value can
    <div
      className="side-edge"
      role="separator"
      aria-label="Width of the panel"
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={sideLimits.least}
      aria-valuemax={sideLimits.most}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={(event) => {
        if (start.current !== null) set(start.current.width + event.clientX - start.current.x);
      }}
      onPointerUp={() => {
        start.current = null;
      }}
      onPointerCancel={() => {
        start.current = null;
      }}
      onDoubleClick={() => set(390)}
    />
  );
}

export function SidePanel() {
  const panel = useSession((state) => state.panel);
  const { sideOpen, sideWidth } = useFrame();
  if (!sideOpen) return null;
  const entry = panelList.find(({ id }) => id === panel);
  return (
    <aside className="side" aria-label="Panel" style={{ width: sideWidth }}>
      <div className="side-content">
        <ErrorBoundary key={panel} part={`The panel “${entry?.title ?? panel}”`}>
          {entry?.content()}
        </ErrorBoundary>
      </div>
      <Edge />
    </aside>
  );
}
