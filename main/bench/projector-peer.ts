/**
 * A CPU projector in Python as a peer: the ASTRA toolbox where the interpreter has it, else scikit-image's Radon transform. A
 * process that projects on request, one line of JSON each way.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Time } from './cost-clock.ts';

export type Direction = 'forward' | 'back';

export interface ProjectorPeer {
  /** Name and version. */
  name: string;
  /** Its ways of weighting pixels along a ray. */
  ways: string[];
  /** Seconds of one product of one slice, the mean of `repeats`. */
  time(way: string, views: number, direction: Direction, repeats: number): Promise<Time>;
  /** Line integrals [views, detectors] of the image. */
  sinogram(way: string, views: number): Promise<Float32Array>;
  close(): Promise<void>;
}

const script = `
import json, sys, time
import numpy as np
config = json.loads(sys.argv[1])
n, d = config['size'], config['detectors']
image = np.fromfile(config['image'], np.float32).reshape(n, n)
made = {}
try:
    import astra
    name, ways = 'ASTRA ' + astra.__version__, ['linear', 'line', 'strip']
    def make(way, views):
        volume = astra.create_vol_geom(n, n)
        beam = astra.create_proj_geom('parallel', 1.0, d, np.arange(views) * np.pi / views)
        projector = astra.create_projector(way, beam, volume)
        x, y = astra.data2d.create('-vol', volume, image), astra.data2d.create('-sino', beam)
        z = astra.data2d.create('-vol', volume)
        runs = {}
        for direction, kind, target in (('forward', 'FP', ('VolumeDataId', x)), ('back', 'BP', ('ReconstructionDataId', z))):
            setup = astra.astra_dict(kind)
            setup['ProjectorId'], setup['ProjectionDataId'] = projector, y
            setup[target[0]] = target[1]
            algorithm = astra.algorithm.create(setup)
            runs[direction] = lambda algorithm=algorithm: astra.algorithm.run(algorithm)
        runs['sinogram'] = lambda: astra.data2d.get(y)
        return runs
except ImportError:
    import skimage
    from skimage.transform import radon, iradon
    name, ways = 'scikit-image ' + skimage.__version__, ['rotate']
    def make(way, views):
        angles = np.arange(views) * 180.0 / views
        held = {}
        def forward(): held['y'] = radon(image, angles, circle=False)
        def back(): iradon(held['y'], angles, filter_name=None, circle=False)
        return {'forward': forward, 'back': back, 'sinogram': lambda: held['y'].T}
print(json.dumps({'name': name, 'ways': ways}), flush=True)
for line in sys.stdin:
    ask = json.loads(line)
    key = (ask['way'], ask['views'])
    if key not in made:
        made[key] = make(*key)
        made[key]['forward']()
    if 'file' in ask:
        made[key]['forward']()
        np.ascontiguousarray(made[key]['sinogram'](), np.float32).tofile(ask['file'])
        print(json.dumps({}), flush=True)
        continue
    run = made[key][ask['direction']]
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(ask['repeats']):
        run()
    print(json.dumps({'wall': time.perf_counter() - wall, 'cpu': time.process_time() - cpu}), flush=True)
`;

const greeting = z.object({ name: z.string(), ways: z.array(z.string()) });
const timing = z.object({ wall: z.number(), cpu: z.number() });

export interface PeerTask {
  python: string;
  size: number;
  detectors: number;
  /** [size, size], rotation centre where the peer has it: the middle of the pixel grid. */
  image: Float32Array;
}

/** The peer, or why there is none. */
export async function openProjectorPeer(task: PeerTask): Promise<ProjectorPeer | { missing: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tangent-bench-'));
  const input = join(folder, 'image.f32');
  await writeFile(input, new Uint8Array(task.image.buffer, task.image.byteOffset, task.image.byteLength));
  const config = JSON.stringify({ size: task.size, detectors: task.detectors, image: input });
  const child = spawn(task.python, ['-c', script, config], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  let complaint = '';
  let failed: Error | undefined;
  child.stderr.on('data', (data: Buffer) => {
    complaint = data.toString().trim().split('\n').at(-1) ?? complaint;
  });
  child.stdin.on('error', () => {});
  child.on('error', (error) => {
    failed = error;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw failed ?? new Error(complaint || 'the process ended');
    return JSON.parse(value);
  };
  const ask = (question: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    return answer();
  };
  const close = async () => {
    child.stdin.end();
    child.kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { name, ways } = greeting.parse(await answer());
    return {
      name,
      ways,
      time: async (way, views, direction, repeats) => {
        const { wall, cpu } = timing.parse(await ask({ way, views, direction, repeats }));
        return { wall: wall / repeats, cpu: cpu / repeats };
      },
      sinogram: async (way, views) => {
        const file = join(folder, 'sinogram.f32');
        await ask({ way, views, file });
        return new Float32Array((await readFile(file)).buffer.slice(0));
      },
      close,
    };
  } catch (error) {
    await close();
    return { missing: `no peer in ${task.python}: ${error instanceof Error ? error.message : String(error)}` };
  }
}
