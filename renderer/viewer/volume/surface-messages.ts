/** Between the page and the worker that makes surfaces. */
export type ToSurfaceWorker =
  | { kind: 'volume'; values: Float32Array; shape: [number, number, number]; spacing: [number, number, number] }
  | { kind: 'level'; level: number; turn: number };

export type FromSurfaceWorker =
  | { turn: number; vertices: Float32Array; faces: Uint32Array }
  | { turn: number; problem: string };
