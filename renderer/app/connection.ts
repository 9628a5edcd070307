/** Connects the page to its host, and again after the way to it was lost. */
import { type HostClient, hostClient, type Transport } from './host-client.ts';
import { connect, useSession } from './session.ts';
import { toast } from './toasts.ts';

/** Loads the session. Rejects when the host cannot be reached. */
export async function startConnection(transport: Transport): Promise<HostClient> {
  const client = hostClient(transport);
  let stop = await connect(client);
  let lost = false;
  transport.onConnection?.((connected) => {
    if (!connected) {
      lost = true;
      useSession.setState({ connected: false });
      return;
    }
    if (!lost) return;
    lost = false;
    stop();
    void connect(client).then(
      (again) => {
        stop = again;
        toast('Connected again.', 'ok');
      },
      () => useSession.setState({ connected: false }),
    );
  });
  return client;
}
