import { hostContract } from '../host/contract.ts';
import { rootFolder } from '../host/root-folder.ts';
import { signedIn } from './signed-in.ts';
import { startStudio } from './start-studio.ts';

hostContract('browser, over HTTP', async () => {
  const root = await rootFolder();
  const studio = await startStudio({ roots: [root.path] });
  const client = await signedIn(studio);
  const socket = await client.socket();
  return {
    kind: 'browser',
    root: root.name,
    call: client.call,
    get: (path) => client.get(path),
    onEvent: (listener) => {
      const hear = (data: unknown) => listener(JSON.parse(String(data)));
      socket.on('message', hear);
      return () => socket.off('message', hear);
    },
    handOver: async (files) => {
      const handed: unknown[] = [];
      for (const { name, bytes } of files) {
        const query = new URLSearchParams({ name, batch: 'one' });
        const answer = await client.post(`/api/upload?${query}`, 'application/octet-stream', bytes);
        const parsed = (await answer.json()) as { ok: boolean; value: unknown };
        if (!parsed.ok) return parsed;
        handed.push(parsed.value);
      }
      return { ok: true, value: handed };
    },
    close: async () => {
      socket.terminate();
      await studio.stop();
      await root.remove();
    },
  };
});
