/** From what the workspace says a viewport shows to the source that draws it. */
import { describeItem } from '../../app/session.ts';
import type { ShownComponent, ViewportContent } from '../../app/workspace.ts';
import { componentSource } from './component-source.ts';
import { differenceSource } from './difference-source.ts';
import type { Source } from './source.ts';

export interface Resolved {
  source: Source;
  overlay: { source: Source; opacity: number } | null;
}

async function plainSource({ item, component }: ShownComponent, label?: string): Promise<Source> {
  const description = await describeItem(item);
  const found = description.components.find((one) => one.name === component);
  if (found === undefined)
    throw new Error(
      `${description.title} has no part "${component}"; it has ${description.components.map(({ name }) => name).join(', ') || 'none'}`,
    );
  return componentSource(description, found, label);
}

/** Rejects with HostError, or with Error when parts do not fit together. */
export async function resolveSource(content: ViewportContent): Promise<Resolved> {
  const { difference, overlay, label } = content;
  const base = await plainSource(content, difference === undefined ? label : undefined);
  const source =
    difference === undefined
      ? base
      : differenceSource(base, await plainSource(difference.against), {
          absolute: difference.absolute,
          gain: difference.gain,
          ...(label === undefined ? {} : { label }),
        });
  if (overlay === undefined) return { source, overlay: null };
  const above = await plainSource(overlay);
  if (above.shape.some((size, axis) => size !== source.shape[axis]))
    throw new Error(
      `${above.title} has ${above.shape.join(' × ')} pixels and cannot lie over ${source.shape.join(' × ')}`,
    );
  return { source, overlay: { source: above, opacity: overlay.opacity } };
}
