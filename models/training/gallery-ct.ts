/** Where ct fails: few views, a short arc, and objects no training image held. */
import type { RunContext } from '../../engine/context.ts';
import type { ImageScan } from '../../engine/io/scan.ts';
import type { CtSimulationOptions } from '../../engine/recon/result.ts';
import { type Failures, reconstructScenes, type Scene } from './gallery-failures.ts';

const views = (angles: number, arc: number, photons = 1e5): { simulateCt: CtSimulationOptions } => ({
  simulateCt: { angles, arc, geometry: 'parallel', curved: false, noise: 0, photons },
});

/** A lattice of calcified dots of 500 HU in the middle of the body. */
function dots(image: Float32Array, height: number, width: number): number[] {
  const places: number[] = [];
  for (let y = Math.round(0.4 * height); y < 0.6 * height; y++)
    for (let x = Math.round(0.35 * width); x < 0.65 * width; x++)
      if (y % 6 < 2 && x % 6 < 2) places.push(y * width + x);
  for (const i of places) image[i] += 500;
  return places;
}

/** Two screws of 3000 HU, above the window of the prior. */
function metal(image: Float32Array, height: number, width: number): undefined {
  for (let y = Math.round(0.55 * height); y < 0.7 * height; y++)
    for (const x of [Math.round(0.45 * width), Math.round(0.55 * width)])
      for (const dx of [0, 1]) image[y * width + x + dx] = 3000;
  return undefined;
}

const scenes: Scene[] = [
  {
    name: 'usual',
    title: 'For comparison: 60 views',
    text: 'What the prior is meant for, here with a lone slice and 100,000 photons per ray: streaks go, edges stay, and dense bone in the middle is where the noise still wins.',
    options: views(60, 180),
  },
  {
    name: 'few-views',
    title: 'Eight views',
    text: 'The outline and the largest bones keep their place. Bowel and small bone are gone, and soft shading stands where organs were.',
    options: views(8, 180),
  },
  {
    name: 'short-arc',
    title: 'A third of the circle: 60° in 1° steps',
    text: 'Edges along the missing directions are not measured. They are lost, and what was measured is drawn out along the arc.',
    options: views(60, 60),
  },
  {
    name: 'dots',
    title: 'What no training image held: a lattice of dots, 16 views',
    text: 'Small regular structure is joined into bars: the prior has seen ribs and vessels, never a lattice.',
    change: dots,
    options: views(16, 180),
  },
  {
    name: 'metal',
    title: 'Metal beyond the window, 30 views',
    text: 'Values above 1500 HU were never seen. They survive, as the data insist on them; their edges and the bone behind them suffer. (The peak of the PSNR is the metal.)',
    change: metal,
    options: views(30, 180),
  },
  {
    name: 'low-dose',
    title: 'A thousand photons per ray, 60 views',
    text: 'Noise this strong leaves an outline. Inside, the prior draws smooth tubes and organs that do not exist, and nothing in the picture looks uncertain. The share of the prior does not warn either, since every ray was measured, only badly: the noise level in the report does.',
    options: views(60, 180, 1000),
  },
];

export function ctFailures(scan: ImageScan, prior: string, context: RunContext): Failures {
  return reconstructScenes(scan, Math.floor(0.4 * scan.volume.shape[0]), prior, 'tv', scenes, context);
}
