/** All slices of a component, fetched once. */
import { useEffect, useState } from 'react';
import { dataRoutes } from '../../../main/host/api/data-routes.ts';
import type { Component, ItemDescription } from '../../../main/host/api/item.ts';
import { describeItem } from '../../app/session.ts';
import type { ShownComponent } from '../../app/workspace.ts';
import { loadBytes } from '../source/pixel-cache.ts';

export interface Volume {
  description: ItemDescription;
  component: Component;
  values: Float32Array;
}

export function useVolume({ item, component }: ShownComponent): { volume: Volume | null; problem: string } {
  const [state, setState] = useState<{ volume: Volume | null; problem: string }>({ volume: null, problem: '' });
  useEffect(() => {
    let gone = false;
    const load = async (): Promise<Volume> => {
      const description = await describeItem(item);
      const found = description.components.find(({ name }) => name === component);
      if (found === undefined) throw new Error(`${description.title} has no part "${component}"`);
      if (found.format !== 'float32') throw new Error('Planes can be cut only through numbers, not through colours.');
      const values = new Float32Array(await loadBytes(dataRoutes.volume(item, description.revision, component)));
      const expected = found.shape[0] * found.shape[1] * found.shape[2];
      if (values.length !== expected)
        throw new Error(`the volume has ${values.length} values, ${expected} were expected`);
      return { description, component: found, values };
    };
    load().then(
      (volume) => {
        if (!gone) setState({ volume, problem: '' });
      },
      (thrown: unknown) => {
        if (!gone) setState({ volume: null, problem: thrown instanceof Error ? thrown.message : String(thrown) });
      },
    );
    return () => {
      gone = true;
    };
  }, [item, component]);
  return state;
}
