// Compiles the benches and runs one: `npm run bench` the end-to-end one, `npm run bench -- --smsc-simulator`
// another by its file name, `npm run bench -- --all` each in turn; what follows goes to the bench.
// Numbers only: nothing passes or fails.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const FILE = /^(.+)\.bench\.(ts|mjs)$/;
/** Name of the bench → the program to run. */
const benches = new Map(
  readdirSync(join(root, 'test/bench')).flatMap((file) => {
    const [, name, kind] = FILE.exec(file) ?? [];
    if (name === undefined) return [];
    const program = kind === 'ts' ? `.data/bench-dist/test/bench/${name}.bench.js` : `test/bench/${file}`;
    return [[name, join(root, program)]];
  }),
);

function node(...args) {
  const { status, signal } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(signal === null ? status : 1);
}

// Without a name, or with options alone: the one that says most.
const MAIN = 'end-to-end';
const args = process.argv.slice(2);
const isNamed = benches.has(args[0]?.replace(/^--/, ''));
const isAll = args[0] === '--all';
const [first, ...rest] = isNamed || isAll ? args : [`--${MAIN}`, ...args];
const name = isAll ? undefined : first.replace(/^--/, '');
if (name !== undefined && !benches.has(name)) {
  const known = Array.from(benches.keys(), (bench) => `--${bench}`).join(', ');
  console.error(`bench: there is no ${first}; there is ${known === '' ? 'no bench yet' : known}.`);
  process.exit(2);
}

node(join(root, 'node_modules/typescript/bin/tsc'), '-p', 'test/bench/tsconfig.json');
for (const [bench, program] of benches) {
  if (name === undefined || name === bench) node(program, ...rest);
}
