/** Devices of this machine, looked at once in a process of their own; until then only the processor is known. */
import type { CallOutput } from './api/api.ts';
import { runJob } from './engine-client.ts';

type Devices = CallOutput<'app.describe'>['devices'];

export interface DeviceFinder {
  known(): Devices;
  dispose(): void;
}

export function findDevices(onFound: () => void): DeviceFinder {
  const looking = 'being looked for';
  let devices: Devices = [
    { name: 'cpu', available: true, reason: '' },
    { name: 'webgpu', available: false, reason: looking },
    { name: 'cuda', available: false, reason: looking },
  ];
  const abort = new AbortController();
  runJob('doctor', {}, { signal: abort.signal }).then(
    ({ devices: found }) => {
      devices = found.map(({ name, available, detail }) => ({ name, available, reason: detail }));
      onFound();
    },
    () => {
      if (abort.signal.aborted) return;
      devices = devices.map((device) => (device.reason === looking ? { ...device, reason: 'not found' } : device));
      onFound();
    },
  );
  return { known: () => devices, dispose: () => abort.abort() };
}
