/** `tangent studio`: the workstation, in a window of its own or in a browser. */
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { EngineError } from '../../../engine/errors.ts';
import { dataFolder } from '../../host/data-folder.ts';
import { command } from '../command.ts';
import { commonOptions, flag, integer, text } from '../option-types.ts';

async function checkRoot(root: string): Promise<string> {
  const path = resolve(root);
  if (!(await stat(path)).isDirectory())
    throw new EngineError('bad-usage', 'expected a folder, found a file', { path: `--root ${root}` });
  return path;
}

export const studio = command({
  name: 'studio',
  usage: '[PATH…] [options]',
  description:
    'Opens the workstation: library, viewer, reconstruction, solvers and jobs. In a window of its own where Electron is installed or can be fetched, else in the browser, over a server on this computer that only the printed link opens.',
  positionals: [{ name: 'PATH', description: 'Files or folders to open.', required: false, many: true }],
  options: z.strictObject({
    browser: flag('In the browser, even where Electron is installed.'),
    port: integer(0, 65_535)
      .default(0)
      .meta({ value: 'N', description: 'Port of the server for the browser.', standard: 'any that is free' }),
    root: z
      .array(text())
      .default([])
      .meta({ value: 'DIR', description: 'A folder the page may look into; may be repeated.', multiple: true }),
    data: text()
      .optional()
      .meta({ value: 'DIR', description: 'Settings, jobs and results.', standard: 'the folder of this user' }),
    host: text().optional().meta({
      value: 'ADDRESS',
      description: 'Serve on another address than this computer’s own, with --tls-cert and --tls-key.',
      standard: '127.0.0.1 and ::1',
    }),
    'tls-cert': text().optional().meta({ value: 'FILE', description: 'Certificate (PEM) for --host.' }),
    'tls-key': text().optional().meta({ value: 'FILE', description: 'Its key (PEM).' }),
    'no-open': flag('Print the link without opening it.'),
    ...commonOptions,
  }),
  examples: ['tangent studio', 'tangent studio series/ --browser', 'tangent studio --browser --root ~/scans --no-open'],
  run: async ({ options, positionals }, terminal) => {
    const roots = await Promise.all(options.root.map(checkRoot));
    const paths = positionals.map((path) => resolve(path));
    await Promise.all(paths.map((path) => access(path)));
    const data = resolve(options.data ?? dataFolder());
    const served = options.port !== 0 || options.host !== undefined;
    if (!options.browser && !served && !terminal.json) {
      const { findElectron, startElectron } = await import('../start-electron.ts');
      const found = findElectron((said) => terminal.note(said));
      const window =
        'reason' in found ? found : await startElectron({ program: found.program, dataFolder: data, roots, paths });
      if ('exitCode' in window) return window.exitCode;
      terminal.note(`No window of its own: Electron cannot be used, ${window.reason}. Going on in the browser.`);
    }
    const { runBrowser } = await import('../../browser/run-browser.ts');
    return runBrowser({
      dataFolder: data,
      roots,
      paths,
      port: options.port,
      address: options.host,
      tlsCert: options['tls-cert'],
      tlsKey: options['tls-key'],
      open: !options['no-open'] && !terminal.json,
      note: (said) => terminal.note(said),
      onReady: ({ link, origin, port }) => {
        terminal.print(`Tangent is ready. The link is for you alone:\n\n  ${link}\n\nCtrl-C stops it.`);
        terminal.result({ link, origin, port });
      },
    });
  },
});
