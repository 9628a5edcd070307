/** The page's only way out of its sandbox: two functions, fixed channels, data and nothing else. Built as CommonJS. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { type Bridge, bridgeName, channels, handOverName } from './channels.ts';

/** Only files the user chose or dropped have a path; for others it is empty. */
function pathsOf(input: unknown): string[] {
  const files: unknown[] = Array.isArray(input) ? input : [];
  return files.map((file) => webUtils.getPathForFile(file as Parameters<typeof webUtils.getPathForFile>[0]));
}

const bridge: Bridge = {
  call: (name, input) =>
    name === handOverName
      ? ipcRenderer.invoke(channels.handOver, pathsOf(input))
      : ipcRenderer.invoke(channels.call, name, input),
  onEvent: (listener) => {
    const hear = (_event: unknown, data: unknown) => listener(data);
    ipcRenderer.on(channels.event, hear);
    return () => {
      ipcRenderer.off(channels.event, hear);
    };
  },
};

contextBridge.exposeInMainWorld(bridgeName, bridge);
