/** Shows a file in the program the system has for it. Without a shell; failing is no error. */
import { spawn } from 'node:child_process';

export function openFile(path: string): void {
  const { platform, env } = process;
  // Without a display xdg-open may start a text browser inside the terminal.
  if (platform === 'linux' && env.DISPLAY === undefined && env.WAYLAND_DISPLAY === undefined) return;
  const program = platform === 'darwin' ? 'open' : platform === 'win32' ? 'explorer.exe' : 'xdg-open';
  const child = spawn(program, [path], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
