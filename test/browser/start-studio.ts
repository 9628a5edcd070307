/** A host with its server in this process, on a data folder of its own that goes afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePage } from '../../main/browser/ensure-page.ts';
import { type ServerSettings, type StudioServer, startServer } from '../../main/browser/start-server.ts';
import { createHost } from '../../main/host/create-host.ts';
import type { Host } from '../../main/host/host.ts';

export interface Studio extends StudioServer {
  host: Host;
  dataFolder: string;
}

export interface StudioOptions extends Partial<Omit<ServerSettings, 'host'>> {
  roots?: readonly string[];
  /** Opened at the start. */
  paths?: readonly string[];
  /** Default false: looking for graphics devices costs every test some seconds. */
  lookForDevices?: boolean;
}

let built: Promise<string> | undefined;

/** The built page, made once per test process if its sources are newer. */
export function builtPage(): Promise<string> {
  built ??= ensurePage((text) => console.log(text));
  return built;
}

export async function startStudio(options: StudioOptions = {}): Promise<Studio> {
  const { roots = [], paths = [], lookForDevices = false, page, ...settings } = options;
  const folder = page ?? (await builtPage());
  const dataFolder = await mkdtemp(join(tmpdir(), 'tangent-studio-'));
  const host = await createHost({ kind: 'browser', dataFolder, roots, lookForDevices });
  const server = await startServer({ ...settings, host, page: folder });
  if (paths.length > 0) host.services.library.open(paths);
  return {
    ...server,
    host,
    dataFolder,
    stop: async () => {
      await server.stop();
      await host.dispose();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
