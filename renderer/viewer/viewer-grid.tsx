/** The viewports with the tool bar above them and the list of measurements beside them. */
import { useEffect, useRef } from 'react';
import { useWorkspace, viewportCount } from '../app/workspace.ts';
import { controllerOf } from './actions/controllers.ts';
import { useMaximised } from './actions/maximise.ts';
import { registerViewerCommands } from './actions/viewer-commands.ts';
import { MeasurementList } from './measurement-list.tsx';
import { useViewState } from './view-state.ts';
import { ViewerToolbar } from './viewer-toolbar.tsx';
import { ViewportView } from './viewport-view.tsx';
import { MprView } from './volume/mpr-view.tsx';
import { SurfaceView } from './volume/surface-view.tsx';
import './viewer.css';

export function ViewerGrid() {
  const layout = useWorkspace((state) => state.layout);
  const list = useViewState((state) => state.list);
  const mpr = useViewState((state) => state.mpr);
  const surface = useViewState((state) => state.surface);
  const maximised = useMaximised((state) => state.index);
  useEffect(() => registerViewerCommands(), []);
  const covered = mpr !== null || surface !== null;
  // What takes the viewports' place takes the focus itself; afterwards it goes back.
  const before = useRef(covered);
  useEffect(() => {
    if (before.current === covered) return;
    before.current = covered;
    if (!covered) controllerOf(useWorkspace.getState().active)?.focus();
  }, [covered]);
  const count = viewportCount[layout];
  const alone = maximised !== null && maximised < count ? maximised : null;
  return (
    <div className="viewer">
      <ViewerToolbar />
      <div className="viewer-middle">
        {mpr !== null && <MprView key={`${mpr.item}/${mpr.component}`} shown={mpr} />}
        {mpr === null && surface !== null && (
          <SurfaceView key={`${surface.item}/${surface.component}`} shown={surface} />
        )}
        <div className="viewer-grid" hidden={covered} data-layout={alone === null ? layout : '1x1'}>
          {[0, 1, 2, 3].map((index) => (
            <ViewportView key={index} index={index} hidden={index >= count || (alone !== null && index !== alone)} />
          ))}
        </div>
        {list && <MeasurementList />}
      </div>
    </div>
  );
}
