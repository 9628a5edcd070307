/** Start of the page. */
import './without-eval.ts';
import { createRoot } from 'react-dom/client';
import './tokens.css';
import './base.css';
import { App } from './app.tsx';
import { startConnection } from './connection.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { followTheme } from './theme.ts';
import { openTransport } from './transports.ts';

followTheme();

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root element');
createRoot(root).render(
  <ErrorBoundary>
    <App connect={async () => startConnection(await openTransport())} />
  </ErrorBoundary>,
);
