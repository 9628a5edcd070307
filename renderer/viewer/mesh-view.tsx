/** A mesh file (OBJ) of a solver's result, in three dimensions. */
import { useEffect, useState } from 'react';
import { dataRoutes } from '../../main/host/api/data-routes.ts';
import { host } from '../app/session.ts';
import { MeshStage } from './volume/mesh-stage.tsx';
import { parseObj, type TriangleMesh } from './volume/obj-mesh.ts';

export interface MeshViewProps {
  /** Id of the item. */
  item: string;
  /** Name of the file as the item's artifacts list it. */
  file: string;
}

export function MeshView({ item, file }: MeshViewProps) {
  const [mesh, setMesh] = useState<TriangleMesh | null>(null);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    let gone = false;
    setMesh(null);
    setProblem('');
    host()
      .data(dataRoutes.file(item, file))
      .then((bytes) => parseObj(new TextDecoder().decode(bytes)))
      .then(
        (found) => {
          if (!gone) setMesh(found);
        },
        (thrown: unknown) => {
          if (!gone) setProblem(thrown instanceof Error ? thrown.message : String(thrown));
        },
      );
    return () => {
      gone = true;
    };
  }, [item, file]);
  return <MeshStage name={file} mesh={mesh} problem={problem} unit="mm" />;
}
