/** Links that may be shown in the user's browser: those of the Help menu, word for word. */
import type { Shell } from 'electron';
import { outsideLinks } from './app-menu.ts';

/** Anything else is passed over. */
export function openOutside(shell: Pick<Shell, 'openExternal'>): (url: string) => void {
  return (url) => {
    if (outsideLinks.some((link) => link.url === url)) void shell.openExternal(url).catch(() => undefined);
  };
}
