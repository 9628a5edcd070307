/** Entry of the reader process. */
import process from 'node:process';
import { parentChannel } from '../parent-channel.ts';
import { createReader } from './reader.ts';
import { toReader } from './reader-messages.ts';

const parent = parentChannel();
const reader = createReader((message) => parent.send(message));
parent.onMessage((raw) => {
  const message = toReader.safeParse(raw);
  if (message.success) reader.receive(message.data);
});
// Ctrl-C reaches the whole process group; the host decides when this process ends.
process.on('SIGINT', () => {});
