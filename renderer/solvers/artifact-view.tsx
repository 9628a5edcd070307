/** One artifact of a solver's result, as what it is: picture, table, curve, graph, mesh or numbers. */
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { dataRoutes } from '../../main/host/api/data-routes.ts';
import type { ItemDescription } from '../../main/host/api/item.ts';
import { host } from '../app/session.ts';
import { useWorkspace } from '../app/workspace.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Notice } from '../components/notice.tsx';
import { titleOf } from '../reconstruct/form-model.ts';
import { csvColumns } from './csv-columns.ts';
import { CurveChart } from './curve-chart.tsx';
import { GraphArtifact } from './graph-artifact.tsx';
import { readGraph } from './graph-model.ts';
import { TableArtifact } from './table-artifact.tsx';

type Artifact = ItemDescription['artifacts'][number];

// Large, and needed by few: loaded when a mesh is looked at.
const MeshView = lazy(async () => ({ default: (await import('../viewer/mesh-view.tsx')).MeshView }));

/** Text of a file of the item; null while it is read. */
function useText(url: string | null): { text: string | null; problem: string | null } {
  const [text, setText] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (url === null) return;
    const stop = new AbortController();
    setText(null);
    setProblem(null);
    host()
      .data(url, stop.signal)
      .then(
        (bytes) => setText(new TextDecoder().decode(bytes)),
        (thrown: unknown) => {
          if (!stop.signal.aborted) setProblem(thrown instanceof Error ? thrown.message : String(thrown));
        },
      );
    return () => stop.abort();
  }, [url]);
  return { text, problem };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function Curve({ label, text }: { label: string; text: string }) {
  const [columns] = useState(() => csvColumns(text));
  const [chart] = useState(() => {
    const numeric = columns.filter((column) => column.numeric);
    const series = numeric.slice(1).map(({ title, values }) => ({ title, values: values as (number | null)[] }));
    const [x] = numeric;
    return x === undefined || series.length === 0
      ? null
      : { x: { title: x.title, values: x.values as (number | null)[] }, series };
  });
  return chart === null ? (
    <TableArtifact label={label} columns={columns} />
  ) : (
    <CurveChart label={label} x={chart.x} series={chart.series} />
  );
}

function Body({ label, type, text, url }: { label: string; type: string; text: string; url: string }): ReactNode {
  if (type === 'curve') return <Curve label={label} text={text} />;
  if (type === 'table') return <TableArtifact label={label} columns={csvColumns(text)} />;
  if (type === 'graph') {
    const graph = readGraph(parsedJson(text));
    return graph === undefined ? (
      <pre className="artifact-text">{text.slice(0, 20_000)}</pre>
    ) : (
      <GraphArtifact label={label} graph={graph} />
    );
  }
  return <a href={url}>{label}</a>;
}

const asText = ['curve', 'table', 'graph'];

export function ArtifactView({ item, artifact }: { item: ItemDescription; artifact: Artifact }) {
  const { name, type, file } = artifact;
  const label = titleOf(name);
  const url = dataRoutes.file(item.id, file);
  const { text, problem } = useText(asText.includes(type) ? url : null);
  const component = item.components.find(({ title }) => title === name);
  const [mesh, setMesh] = useState(false);
  return (
    <section className="artifact" aria-label={label}>
      <div className="artifact-head">
        <h4>{label}</h4>
        <span className="field-help">{type}</span>
        <a className="job-download" href={url} download={file}>
          <Icon name="download" size={16} />
          {file.slice(file.lastIndexOf('.') + 1).toUpperCase()}
          <span className="visually-hidden">{` of ${label}, download`}</span>
        </a>
      </div>
      {problem !== null && <Notice tone="danger">{problem}</Notice>}
      {text !== null && <Body key={url} label={label} type={type} text={text} url={url} />}
      {type === 'picture' && <img className="artifact-picture" src={url} alt={label} />}
      {component !== undefined && (
        <div className="button-row">
          <Button
            icon={<Icon name="open" size={16} />}
            onPress={() => useWorkspace.getState().show({ item: item.id, component: component.name, label })}
          >
            {`Show ${label} in the viewport`}
          </Button>
        </div>
      )}
      {type === 'mesh' &&
        file.endsWith('.obj') &&
        (mesh ? (
          <Suspense fallback={<p className="field-help">Loading…</p>}>
            <MeshView item={item.id} file={file} />
          </Suspense>
        ) : (
          <div className="button-row">
            <Button icon={<Icon name="open" size={16} />} onPress={() => setMesh(true)}>
              Show the surface
            </Button>
          </div>
        ))}
    </section>
  );
}
