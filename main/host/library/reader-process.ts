/** Entry of the reader process. */
import process from 'node:process';
import { createReader } from './reader.ts';
import { toReader } from './reader-messages.ts';

const reader = createReader((message) => {
  if (process.connected) process.send?.(message);
});
process.on('message', (raw) => {
  const message = toReader.safeParse(raw);
  if (message.success) reader.receive(message.data);
});
// Ctrl-C reaches the whole process group; the host decides when this process ends.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
