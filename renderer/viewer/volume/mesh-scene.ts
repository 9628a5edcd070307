/** A mesh in a WebGL scene: turned by mouse, touch and keys, with a bar of known length. Loaded only when it is needed. */
import {
  AmbientLight,
  BufferAttribute,
  BufferGeometry,
  DirectionalLight,
  DoubleSide,
  Mesh,
  MeshStandardMaterial,
  PerspectiveCamera,
  Scene,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import type { TriangleMesh } from './obj-mesh.ts';

export interface MeshScene {
  /** Radians about the vertical and the horizontal axis. */
  turn(azimuth: number, elevation: number): void;
  zoom(factor: number): void;
  home(): void;
  setMesh(mesh: TriangleMesh): void;
  /** Size of the box around the mesh, in its units. */
  size(): [number, number, number];
  dispose(): void;
}

/** Throws when the browser offers no WebGL. */
export function meshScene(parent: HTMLElement, first: TriangleMesh): MeshScene {
  const renderer = new WebGLRenderer({ antialias: true });
  renderer.setClearColor(0x000000);
  parent.prepend(renderer.domElement);
  const scene = new Scene();
  const camera = new PerspectiveCamera(35, 1, 0.01, 1e6);
  const lamp = new DirectionalLight(0xffffff, 2.2);
  lamp.position.set(0.4, 0.8, 1);
  camera.add(lamp);
  scene.add(camera, new AmbientLight(0xffffff, 0.7));
  const material = new MeshStandardMaterial({ color: 0xd9d2c4, roughness: 0.65, metalness: 0.02, side: DoubleSide });
  const body = new Mesh(new BufferGeometry(), material);
  scene.add(body);
  const controls = new OrbitControls(camera, renderer.domElement);
  const extent = new Vector3();
  let frame = 0;
  const draw = () => {
    frame = 0;
    renderer.render(scene, camera);
  };
  const schedule = () => {
    if (frame === 0) frame = requestAnimationFrame(draw);
  };
  controls.addEventListener('change', schedule);
  const resize = () => {
    const { clientWidth: w, clientHeight: h } = parent;
    if (w === 0 || h === 0) return;
    renderer.setSize(w, h);
    camera.aspect = w / h;
    camera.updateProjectionMatrix();
    schedule();
  };
  const observer = new ResizeObserver(resize);
  observer.observe(parent);
  const home = () => {
    const distance = (extent.length() || 1) * 1.5;
    controls.target.set(0, 0, 0);
    // From the front (patient coordinates: −y), head up.
    camera.up.set(0, 0, 1);
    camera.position.set(distance * 0.35, -distance, distance * 0.3);
    camera.near = distance / 1000;
    camera.far = distance * 20;
    camera.updateProjectionMatrix();
    controls.update();
    schedule();
  };
  const setMesh = (mesh: TriangleMesh) => {
    body.geometry.dispose();
    const geometry = new BufferGeometry();
    geometry.setAttribute('position', new BufferAttribute(mesh.vertices.slice(), 3));
    geometry.setIndex(new BufferAttribute(mesh.faces, 1));
    geometry.computeBoundingBox();
    geometry.boundingBox?.getSize(extent);
    geometry.center();
    geometry.computeVertexNormals();
    body.geometry = geometry;
    schedule();
  };
  setMesh(first);
  resize();
  home();
  return {
    turn: (azimuth, elevation) => {
      const offset = camera.position.clone().sub(controls.target);
      const radius = offset.length();
      const height = Math.asin(Math.min(1, Math.max(-1, offset.z / radius)));
      const next = Math.min(1.5, Math.max(-1.5, height + elevation));
      const round = Math.atan2(offset.y, offset.x) + azimuth;
      camera.position.set(
        controls.target.x + radius * Math.cos(next) * Math.cos(round),
        controls.target.y + radius * Math.cos(next) * Math.sin(round),
        controls.target.z + radius * Math.sin(next),
      );
      controls.update();
      schedule();
    },
    zoom: (factor) => {
      camera.position.sub(controls.target).divideScalar(factor).add(controls.target);
      controls.update();
      schedule();
    },
    home,
    setMesh,
    size: () => [extent.x, extent.y, extent.z],
    dispose: () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      controls.dispose();
      body.geometry.dispose();
      material.dispose();
      renderer.dispose();
      renderer.domElement.remove();
    },
  };
}
