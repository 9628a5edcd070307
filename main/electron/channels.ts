/** Names of the fixed channels between the page and the main process, and of the page's address. */
export const channels = {
  /** Page → main: name and input of a call; the answer comes back. */
  call: 'tangent:call',
  /** Preload → main: paths of files chosen or dropped in the page. */
  handOver: 'tangent:hand-over',
  /** Main → page: what happened. */
  event: 'tangent:event',
} as const;

export const appScheme = 'tangent-app';
export const appOrigin = `${appScheme}://app`;
/** A call's name on the page's side whose files the preload turns into paths. */
export const handOverName = 'files.handOver';
/** What the preload exposes, under this name. */
export const bridgeName = 'tangent';

export interface Bridge {
  call(name: string, input: unknown): Promise<unknown>;
  /** Returns the way to stop. */
  onEvent(listener: (event: unknown) => void): () => void;
}
