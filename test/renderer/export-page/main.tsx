/** The export panel with a host made of plain data. */
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import '../../../renderer/app/tokens.css';
import '../../../renderer/app/base.css';
import { startConnection } from '../../../renderer/app/connection.ts';
import { useSession } from '../../../renderer/app/session.ts';
import { followTheme } from '../../../renderer/app/theme.ts';
import { ToastList } from '../../../renderer/app/toast-list.tsx';
import { useWorkspace } from '../../../renderer/app/workspace.ts';
import { ExportPanel } from '../../../renderer/export/export-panel.tsx';
import { useMeasurements } from '../../../renderer/viewer/measure/measurements.ts';
import { changeView } from '../../../renderer/viewer/view-state.ts';
import { fakeTransport } from '../shell-page/fake-transport.ts';
import './page.css';

z.config({ jitless: true });
followTheme();
const fake = fakeTransport(new URLSearchParams(location.search));
Object.assign(window, { changeView, fake, useMeasurements, useSession, useWorkspace });

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root element');
createRoot(root).render(
  <main>
    <h1 className="visually-hidden">Export panel</h1>
    <ExportPanel />
    <ToastList />
  </main>,
);
void startConnection(fake.transport);
