/** What the user has chosen; kept on disk by the host, the same for window and browser. */
import { z } from 'zod';

export const settings = z.strictObject({
  theme: z.enum(['dark', 'light', 'system']).default('dark'),
  hideIdentity: z.boolean().default(false),
  cornerText: z.enum(['full', 'short', 'off']).default('full'),
  interpolation: z.boolean().default(true),
  /** Command id → keys, for example "Shift+W"; only what differs from the defaults. */
  keys: z.record(z.string().max(64), z.array(z.string().max(40)).max(4)).default({}),
  device: z.enum(['auto', 'cpu', 'webgpu', 'cuda']).default('auto'),
  threads: z.int().min(0).max(1024).default(0),
  reducedMotion: z.boolean().default(false),
});
export type Settings = z.output<typeof settings>;
