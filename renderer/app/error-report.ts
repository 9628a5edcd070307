/** What "copy report" puts on the clipboard: the failure and the machine, nothing of a patient. */
import { HostError } from './host-client.ts';
import { useSession } from './session.ts';

/** Frames of a stack without addresses beyond the page's own path. */
function framesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s*at /.test(line))
    .slice(0, 12)
    .map((line) => line.replaceAll(location.origin, ''))
    .join('\n');
}

export function errorReport(thrown: unknown, within = ''): string {
  const { app, items, jobs } = useSession.getState();
  const lines = [
    `Tangent ${app?.version ?? 'unknown'} (${app?.host ?? 'not connected'})`,
    navigator.userAgent,
    `items ${items.size}, jobs ${jobs.size}`,
  ];
  // The message of a foreign error may quote what it met; its kind and place may not.
  if (thrown instanceof HostError) lines.push(`code ${thrown.code}`);
  else if (thrown instanceof Error) lines.push(thrown.name, framesOf(thrown.stack ?? ''), 'within', framesOf(within));
  return lines.join('\n');
}
