/** What no page may do here, whatever it tries: leave, open windows, ask for permissions, download, skip certificates. */
import type { App, Session, WebContents } from 'electron';
import { appOrigin } from './channels.ts';

export function guardSession(
  session: Pick<
    Session,
    'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler' | 'on'
  >,
): void {
  session.setPermissionRequestHandler((_page, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => event.preventDefault());
}

export function guardApp(app: Pick<App, 'on'>, openOutside: (url: string) => void): void {
  app.on('certificate-error', (event, _page, _url, _error, _certificate, answer) => {
    event.preventDefault();
    answer(false);
  });
  app.on('web-contents-created', (_event, page) => guardPage(page, openOutside));
}

export function guardPage(
  page: Pick<WebContents, 'on' | 'setWindowOpenHandler'>,
  openOutside: (url: string) => void,
): void {
  page.on('will-navigate', (details) => {
    // Loading the page again is no way out.
    if (details.url !== `${appOrigin}/`) details.preventDefault();
  });
  page.on('will-frame-navigate', (details) => {
    if (details.url !== `${appOrigin}/`) details.preventDefault();
  });
  page.on('will-redirect', (details) => details.preventDefault());
  page.on('will-attach-webview', (event) => event.preventDefault());
  page.setWindowOpenHandler(({ url }) => {
    openOutside(url);
    return { action: 'deny' };
  });
}
