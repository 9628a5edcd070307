/** The page with a host made of plain data, so that its own behaviour can be tested alone. */
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import '../../../renderer/app/tokens.css';
import '../../../renderer/app/base.css';
import { App } from '../../../renderer/app/app.tsx';
import { useCommands } from '../../../renderer/app/commands.ts';
import { startConnection } from '../../../renderer/app/connection.ts';
import { ErrorBoundary } from '../../../renderer/app/error-boundary.tsx';
import { useSession } from '../../../renderer/app/session.ts';
import { followTheme } from '../../../renderer/app/theme.ts';
import { useWorkspace } from '../../../renderer/app/workspace.ts';
import { fakeTransport } from './fake-transport.ts';

z.config({ jitless: true });
followTheme();
const fake = fakeTransport(new URLSearchParams(location.search));
Object.assign(window, { fake, useCommands, useSession, useWorkspace });

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root element');
createRoot(root).render(
  <ErrorBoundary>
    <App connect={() => startConnection(fake.transport)} />
  </ErrorBoundary>,
);
