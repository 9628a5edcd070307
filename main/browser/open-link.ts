/** Shows a link in the user's browser, without a shell in between. */
import { spawn } from 'node:child_process';

/** False where there is no display to show it on. Failing later is no error: the link is printed too. */
export function openLink(link: string, platform = process.platform, env = process.env): boolean {
  if (platform === 'linux' && env.DISPLAY === undefined && env.WAYLAND_DISPLAY === undefined) return false;
  const [program, args] =
    platform === 'darwin'
      ? ['open', [link]]
      : platform === 'win32'
        ? ['rundll32.exe', ['url.dll,FileProtocolHandler', link]]
        : ['xdg-open', [link]];
  const child = spawn(program as string, args as string[], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
  return true;
}
