/** Calls by POST /api/call, events by a WebSocket on /api/events that is opened again when it breaks. */
import type { Transport } from './host-client.ts';

export function browserTransport(): Transport {
  const events = new Set<(event: unknown) => void>();
  const connections = new Set<(connected: boolean) => void>();
  const open = () => {
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/events`);
    socket.onopen = () => connections.forEach((listener) => void listener(true));
    socket.onmessage = (message) => {
      const event: unknown = JSON.parse(String(message.data));
      events.forEach((listener) => void listener(event));
    };
    socket.onclose = () => {
      connections.forEach((listener) => void listener(false));
      setTimeout(open, 1500);
    };
  };
  open();
  return {
    call: async (name, input) => {
      const response = await fetch('/api/call', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, input }),
      });
      return response.json();
    },
    onEvent: (listener) => {
      events.add(listener);
      return () => events.delete(listener);
    },
    upload: async () => {
      throw new Error('this host takes no uploads');
    },
    onConnection: (listener) => {
      connections.add(listener);
      return () => connections.delete(listener);
    },
  };
}
