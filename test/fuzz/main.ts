// npm run fuzz: hostile peers against the SMPP side, by the million. Prints what it did and how to
// do it again; exits with 1 when an invariant broke.
//
//   npm run fuzz                              1,000,000 inputs, a seed of its own
//   npm run fuzz -- --inputs 50000            so many over all targets
//   npm run fuzz -- --target connector        only targets whose name contains this
//   npm run fuzz -- --seed 7 --path 12:0:3    one counterexample again, with --target
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { SystemRandomness } from '../../src/clock/system-clock.js';
import type { FuzzTarget } from './target.js';
import { TARGETS } from './targets.js';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    path: { type: 'string' },
    target: { type: 'string', default: '' },
  },
});

const seed = Number(values.seed ?? Math.floor(new SystemRandomness().fraction() * 2 ** 31));
const inputs = Number(values.inputs);
const chosen = TARGETS.filter(({ name }) => name.includes(values.target));
if (!Number.isInteger(seed) || !Number.isInteger(inputs) || inputs < 1 || chosen.length === 0) {
  console.error(
    `fuzz: --inputs and --seed are whole numbers, --target is part of one of: ${TARGETS.map(({ name }) => name).join('; ')}.`,
  );
  process.exit(2);
}

/** What nobody awaited. */
const strays: unknown[] = [];
process.on('unhandledRejection', (reason) => strays.push(reason));
process.on('uncaughtException', (error) => strays.push(error));

async function run(target: FuzzTarget, numRuns: number): Promise<boolean> {
  const startedAt = performance.now();
  const details = await fc.check(target.property(), {
    numRuns,
    seed,
    endOnFailure: values.path !== undefined,
    ...(values.path === undefined ? {} : { path: values.path }),
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const rate = Math.round(details.numRuns / seconds).toLocaleString('en');
  console.log(
    `${target.name.padEnd(34)} ${details.numRuns.toLocaleString('en').padStart(10)} inputs ${seconds.toFixed(1).padStart(7)} s ${rate.padStart(9)}/s  ${details.failed ? 'BROKEN' : 'held'}`,
  );
  if (!details.failed) return true;
  console.log(details.errorInstance);
  console.log(fc.defaultReportMessage(details));
  console.log(
    `again: npm run fuzz -- --target '${target.name}' --seed ${String(seed)} --path ${details.counterexamplePath ?? ''}`,
  );
  return false;
}

console.log(`seed ${String(seed)}; the same seed and number give the same inputs`);
const shares = chosen.reduce((sum, { share }) => sum + share, 0);
let done = 0;
let broken = 0;
const startedAt = performance.now();
for (const target of chosen) {
  const numRuns = Math.max(1, Math.round((inputs * target.share) / shares));
  if (!(await run(target, numRuns))) broken++;
  done += numRuns;
}
for (const stray of strays) console.log('unhandled:', stray);
const seconds = (performance.now() - startedAt) / 1000;
console.log(
  `${done.toLocaleString('en')} inputs in ${seconds.toFixed(1)} s, ${Math.round(done / seconds).toLocaleString('en')}/s; findings: ${String(broken)}, unhandled: ${String(strays.length)}`,
);
process.exit(broken + strays.length === 0 ? 0 : 1);
