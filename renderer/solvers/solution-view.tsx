/** Result of a solver: its figures, warnings and artifacts. */
import { useEffect, useState } from 'react';
import { z } from 'zod';
import type { ItemDescription } from '../../main/host/api/item.ts';
import { describeItem, useSession } from '../app/session.ts';
import { useWorkspace } from '../app/workspace.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Notice } from '../components/notice.tsx';
import { Table } from '../components/table.tsx';
import { CommandButton } from '../reconstruct/command-button.tsx';
import { titleOf } from '../reconstruct/form-model.ts';
import { figure } from '../reconstruct/result-sentences.ts';
import { ArtifactView } from './artifact-view.tsx';

const solution = z.looseObject({
  solver: z.string(),
  seed: z.number().default(0),
  seconds: z.number().default(0),
  metrics: z.record(z.string(), z.number().nullable()).default({}),
  warnings: z.array(z.looseObject({ code: z.string(), message: z.string() })).default([]),
});

export function SolutionView({ item: id }: { item: string }) {
  const [item, setItem] = useState<ItemDescription | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const revision = useSession((state) => state.items.get(id)?.revision);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new revision is described anew
  useEffect(() => {
    let current = true;
    describeItem(id).then(
      (found) => {
        if (current) setItem(found);
      },
      (thrown: unknown) => {
        if (current) setProblem(thrown instanceof Error ? thrown.message : String(thrown));
      },
    );
    return () => {
      current = false;
    };
  }, [id, revision]);
  if (problem !== null)
    return (
      <Notice tone="danger" live>
        {problem}
      </Notice>
    );
  if (item === null) return <p className="field-help">Reading…</p>;
  const parsed = solution.safeParse(item.result);
  const { metrics, warnings } = parsed.success ? parsed.data : { metrics: {}, warnings: [] };
  const rows = Object.entries(metrics);
  return (
    <section className="solution" aria-label={`Result: ${item.title}`}>
      <h3>{item.title}</h3>
      {warnings.map(({ code, message }) => (
        <Notice key={`${code} ${message}`} tone="warning">
          {message}
        </Notice>
      ))}
      {rows.length > 0 && (
        <Table
          label="Figures"
          columns={[
            { id: 'name', title: 'Figure' },
            { id: 'value', title: 'Value', numeric: true },
          ]}
          rows={rows.map(([name, value]) => ({
            id: name,
            cells: { name: titleOf(name), value: value === null ? '∞' : figure(value) },
          }))}
        />
      )}
      {item.components
        .filter(({ title }) => !item.artifacts.some(({ name }) => name === title))
        .map(({ name, title }) => (
          <div key={name} className="button-row">
            <Button
              icon={<Icon name="open" size={16} />}
              onPress={() => useWorkspace.getState().show({ item: id, component: name, label: title })}
            >
              {`Show ${title}`}
            </Button>
          </div>
        ))}
      {item.artifacts.map((artifact) => (
        <ArtifactView key={artifact.file} item={item} artifact={artifact} />
      ))}
      <div className="button-row">
        <CommandButton result={id} />
      </div>
    </section>
  );
}
