/** The place a mesh is shown in: loads the 3D library on demand and says so when the browser cannot draw it. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { numberText } from '../maths/number-text.ts';
import type { MeshScene } from './mesh-scene.ts';
import type { TriangleMesh } from './obj-mesh.ts';
import './volume.css';

export interface MeshStageProps {
  name: string;
  /** Null while it is made. */
  mesh: TriangleMesh | null;
  problem?: string;
  /** Of its coordinates; empty when unknown. */
  unit: string;
  /** Escape leaves; the stage takes the focus when it appears. */
  onLeave?: () => void;
  children?: ReactNode;
}

export function MeshStage({ name, mesh, problem = '', unit, onLeave, children }: MeshStageProps) {
  const box = useRef<HTMLElement>(null);
  const scene = useRef<MeshScene | null>(null);
  const [failed, setFailed] = useState('');
  const [size, setSize] = useState<readonly number[]>([]);
  const leaves = onLeave !== undefined;
  useEffect(() => {
    if (leaves) box.current?.focus();
  }, [leaves]);
  useEffect(() => {
    const element = box.current;
    if (element === null || mesh === null) return;
    if (scene.current !== null) {
      scene.current.setMesh(mesh);
      setSize(scene.current.size());
      return;
    }
    let gone = false;
    import('./mesh-scene.ts').then(
      ({ meshScene }) => {
        if (gone) return;
        try {
          scene.current = meshScene(element, mesh);
          setSize(scene.current.size());
        } catch {
          setFailed(
            'This browser offers no WebGL, so surfaces cannot be drawn. The mesh can still be saved from the result.',
          );
        }
      },
      () => {
        if (!gone) setFailed('The part of the program that draws surfaces could not be loaded.');
      },
    );
    return () => {
      gone = true;
    };
  }, [mesh]);
  useEffect(
    () => () => {
      scene.current?.dispose();
      scene.current = null;
    },
    [],
  );
  const keys: Record<string, () => void> = {
    ArrowLeft: () => scene.current?.turn(-0.12, 0),
    ArrowRight: () => scene.current?.turn(0.12, 0),
    ArrowUp: () => scene.current?.turn(0, 0.12),
    ArrowDown: () => scene.current?.turn(0, -0.12),
    '+': () => scene.current?.zoom(1.15),
    '-': () => scene.current?.zoom(1 / 1.15),
    Home: () => scene.current?.home(),
    ...(onLeave === undefined ? {} : { Escape: onLeave }),
  };
  const message = problem || failed;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is no place for a picture
    <section
      ref={box}
      className="mesh-view"
      role="group"
      aria-label={`Surface: ${name}. Arrow keys turn it, plus and minus zoom, Home goes back.`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys turn the mesh
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return;
        const run = keys[event.key];
        if (run === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        run();
      }}
      data-key-capture
    >
      {message !== '' && (
        <p className="mesh-problem" role="alert">
          {message}
        </p>
      )}
      {message === '' && mesh === null && (
        <p className="mesh-problem" role="status">
          Making the surface…
        </p>
      )}
      <div className="mesh-controls">
        {children}
        <Button variant="quiet" onPress={() => scene.current?.home()}>
          Front
        </Button>
      </div>
      {mesh !== null && message === '' && (
        <p className="mesh-words">
          {`${mesh.vertices.length / 3} points, ${mesh.faces.length / 3} triangles`}
          {size.length === 3 &&
            `\n${size.map((value) => numberText(value, 3)).join(' × ')}${unit === '' ? ' (unit unknown)' : ` ${unit}`}`}
        </p>
      )}
    </section>
  );
}
