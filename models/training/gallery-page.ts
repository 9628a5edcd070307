/** The page of a prior: manifest first, then the gallery. */
import type { Manifest } from '../../engine/prior/manifest.ts';
import type { Failure } from './gallery-strip.ts';

const list = (items: readonly string[]) => items.map((item) => `- ${item}`).join('\n');

export function page(manifest: Manifest, failures: readonly (Failure & { file: string })[]): string {
  const { id, title, training, intendedUse, limits, quality, licence } = manifest;
  const rows = (quality ?? []).map(({ data, metric, value }) => `| ${data} | ${metric} | ${value} |`).join('\n');
  const data = (training?.data ?? []).map((set) => `${set.name}: ${set.licence} (${set.source})`);
  const gallery = failures.map(
    ({ title: name, text, figures, file }) => `### ${name}\n\n![truth, reconstruction, error times five, share of the prior](${file})\n\n${text} ${figures}\n`,
  );
  return `# ${title}

Name: \`${id}\`. Licence of the weights: ${licence}.

${intendedUse ?? ''}

## Training

${training?.summary ?? ''}

${list(data)}

![learning curve](curve.svg)

## Limits

${list(limits ?? [])}

## Measured

| data | measure | value |
| --- | --- | --- |
${rows}

## Where it fails

From left to right: the true image, the reconstruction, their difference times five, and the share of each pixel that the
prior supplied (white: all of it). Every picture is made by \`models/training/gallery.ts\` with the default settings.

${gallery.join('\n')}`;
}
