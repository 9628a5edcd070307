/** Names the server answers to, as they stand in a Host header. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

const everywhere = ['0.0.0.0', '::'];

export const bracketed = (address: string) => (isIP(address) === 6 ? `[${address}]` : address);

/** "DNS:scans.example.org, IP Address:192.0.2.7" */
function certified(cert: string | Buffer): string[] {
  const names = new X509Certificate(cert).subjectAltName ?? '';
  return names.split(', ').flatMap((entry) => {
    const [, kind, name] = /^(DNS|IP Address):"?([^"]+)"?$/.exec(entry) ?? [];
    // A wildcard would let foreign names in.
    return name === undefined || name.includes('*') ? [] : [kind === 'DNS' ? name.toLowerCase() : bracketed(name)];
  });
}

/**
 * The first is for the link. Loopback answers to its addresses and `localhost`; another address to the names of its
 * certificate and itself; every address (0.0.0.0, ::) to each one this computer has.
 */
export function ownNames(addresses: readonly string[], cert: string | Buffer | undefined): string[] {
  if (cert === undefined) return [...addresses.map(bracketed), 'localhost'];
  const all = addresses.some((address) => everywhere.includes(address));
  const local = Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address));
  const own = all ? [hostname().toLowerCase(), ...local.filter((address) => !address.includes('%'))] : addresses;
  return [...new Set([...certified(cert), ...own.map(bracketed), ...(all ? ['localhost'] : [])])];
}
