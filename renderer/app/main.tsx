/** Start of the page. */
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import './tokens.css';
import './base.css';
import { App } from './app.tsx';
import { startConnection } from './connection.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { followTheme } from './theme.ts';
import { openTransport } from './transports.ts';

// The content policy forbids functions made from strings.
z.config({ jitless: true });
followTheme();

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root element');
createRoot(root).render(
  <ErrorBoundary>
    <App connect={async () => startConnection(await openTransport())} />
  </ErrorBoundary>,
);
