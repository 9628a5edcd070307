/** Fails when a file imports from a room it may not enter (architecture.md's import rule). */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Room → rooms it may import from (itself always included). The first matching prefix names a file's room. */
const rooms: readonly [prefix: string, allowed: readonly string[]][] = [
  ['engine/arrays/', []],
  ['engine/linear/', ['engine/arrays/']],
  ['engine/physics/', ['engine/arrays/', 'engine/linear/']],
  ['engine/io/', ['engine/arrays/']],
  ['engine/tensor/', ['engine/arrays/', 'engine/linear/']],
  ['engine/prior/', ['engine/arrays/', 'engine/linear/', 'engine/io/', 'engine/tensor/']],
  ['engine/dds/', ['engine/arrays/', 'engine/linear/', 'engine/physics/', 'engine/prior/']],
  [
    'engine/solvers/',
    [
      'engine/arrays/',
      'engine/linear/',
      'engine/physics/',
      'engine/prior/',
      'engine/dds/',
      'engine/io/',
      'engine/recon/metrics.ts',
    ],
  ],
  [
    'engine/recon/',
    ['engine/arrays/', 'engine/linear/', 'engine/physics/', 'engine/io/', 'engine/prior/', 'engine/dds/'],
  ],
  ['engine/', []],
  ['main/electron/', ['engine/', 'main/']],
  ['main/', ['engine/', 'main/']],
  // The page sees the host's schemas and nothing that computes.
  ['renderer/', ['main/host/api/']],
  ['scripts/', ['engine/', 'main/', 'test/']],
  ['test/', ['engine/', 'main/', 'renderer/', 'scripts/']],
];
const shared = ['engine/errors.ts', 'engine/context.ts'];
const nodeAllowed = [
  'engine/io/',
  'engine/prior/',
  'engine/recon/',
  'engine/physics/mri/sense-worker',
  'main/',
  'scripts/',
  'test/',
];
const nodeEverywhere = ['node:zlib', 'node:crypto', 'node:worker_threads', 'node:module'];

const problems: string[] = [];
for (const file of globSync([
  'engine/**/*.ts',
  'main/**/*.ts',
  'renderer/**/*.{ts,tsx}',
  'scripts/**/*.ts',
  'test/**/*.ts',
])) {
  const room = rooms.find(([prefix]) => file.startsWith(prefix));
  if (!room) continue;
  const text = readFileSync(file, 'utf8');
  // Its handlers check their sender; one made elsewhere would not.
  if (/\bipcMain\s*\.\s*(on|once|handle|handleOnce|addListener)\b/.test(text) && file !== 'main/electron/ipc.ts')
    problems.push(`${file} may not listen to ipcMain`);
  const imports = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\{[^}]*\}[^'"\n;]*?)?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g,
  );
  for (const match of imports) {
    const target = match[1] ?? match[2] ?? match[3];
    if (target.startsWith('.')) {
      const path = relative('.', join(dirname(file), target));
      const allowed = [room[0], ...room[1], ...shared];
      if (!allowed.some((prefix) => path.startsWith(prefix))) problems.push(`${file} may not import ${path}`);
    } else if (target === 'electron' && !/^(main|test)\/electron\//.test(file)) {
      problems.push(`${file} may not import electron`);
    } else if (target.startsWith('node:') && !nodeEverywhere.includes(target)) {
      if (!nodeAllowed.some((prefix) => file.startsWith(prefix))) problems.push(`${file} may not import ${target}`);
    }
  }
}
for (const p of problems) console.error(p);
if (problems.length > 0) process.exit(1);
console.log('layers: no forbidden imports');
