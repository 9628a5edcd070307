/** What decides the result of a scan, as one hash: also the name of its folder, so that it says nothing of a patient. */
import { createHash } from 'node:crypto';
import { digestFiles } from '../../engine/io/file-bytes.ts';
import { listPriors } from '../../engine/prior/prior-folder.ts';
import { type CommandRecord, sortedJson } from '../../engine/recon/provenance.ts';
import { programVersion } from '../program-version.ts';

/** The files' bytes; of a BART pair both. */
async function inputDigest(files: readonly string[]): Promise<string> {
  const pair = files.length === 1 && /\.hdr$/i.test(files[0]) ? files[0].replace(/\.hdr$/i, '.cfl') : undefined;
  return digestFiles(pair === undefined ? files : [...files, pair]);
}

/** Weights that may be used: those of the prior named, or of every prior where the scan decides. */
export async function priorHashes(name: string | undefined): Promise<Record<string, string>> {
  const found = (await listPriors()).filter((prior) => name === undefined || prior.name === name);
  return Object.fromEntries(found.map((prior) => [prior.name, prior.manifest?.weights.sha256 ?? '']));
}

/** sha256 in hexadecimal over program version, settings, weights and input. */
export async function jobHash(
  files: readonly string[],
  command: CommandRecord,
  priors: Readonly<Record<string, string>>,
): Promise<string> {
  const facts = { version: programVersion(), options: command.options, priors, input: await inputDigest(files) };
  return createHash('sha256')
    .update(JSON.stringify(sortedJson(facts)))
    .digest('hex');
}
