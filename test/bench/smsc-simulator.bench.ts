// How fast the SMSC simulator is, alone: it must be negligible beside what is measured with it.
//
//   npx tsc -p test/bench/tsconfig.json
//   node .data/bench-dist/test/bench/smsc-simulator.bench.js [--messages 500000] [--rounds 3] [--json]
//
// A raw ESME in this process, the simulator in its own, one TRX session over loopback.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RawEsme } from '../support/load/raw-esme.js';
import { startProcess } from '../support/processes.js';

const SIMULATOR = fileURLToPath(new URL('../../src/simulators/smsc/main.js', import.meta.url));

interface Variant {
  readonly name: string;
  readonly window: number;
  readonly receipts: boolean;
  readonly options: readonly string[];
}

const NO_LEDGER = ['--ledger', 'off'];

const VARIANTS: readonly Variant[] = [
  { name: 'submits only', window: 10, receipts: false, options: NO_LEDGER },
  { name: 'submits only', window: 100, receipts: false, options: NO_LEDGER },
  { name: 'submits only', window: 1000, receipts: false, options: NO_LEDGER },
  { name: 'with receipts', window: 100, receipts: true, options: NO_LEDGER },
  { name: 'with receipts', window: 1000, receipts: true, options: NO_LEDGER },
  { name: 'with receipts, ledger in memory', window: 1000, receipts: true, options: ['--ledger', 'memory'] },
];

interface Measurement {
  readonly submitsPerSecond: number;
  readonly receiptsPerSecond: number;
  /** CPU seconds of the simulator per 10,000 messages. */
  readonly simulatorCpuPer10k: number;
  readonly loadCpuPer10k: number;
  readonly roundTripP50Ms: number;
  readonly roundTripP99Ms: number;
  readonly rssMb: number;
}

interface Counters {
  readonly accepted: number;
  readonly duplicated: number;
  readonly deliveriesAcknowledged: number;
  readonly process: { readonly cpuUserMs: number; readonly cpuSystemMs: number; readonly rssOctets: number };
}

/** Enough for the compiler of both processes to settle. */
const WARM_UP_MESSAGES = 50_000;

async function measure(variant: Variant, messages: number): Promise<Measurement> {
  const simulator = await startProcess(SIMULATOR, ['--port', '0', '--http-port', '0', ...variant.options]);
  try {
    const control = `http://127.0.0.1:${String(simulator.number('httpPort'))}`;
    const counters = async (): Promise<Counters> =>
      (await (await fetch(`${control}/counters`)).json()) as Counters;
    const esme = await RawEsme.bind({
      port: simulator.number('port'),
      window: variant.window,
      receipts: variant.receipts,
    });
    await esme.submit(WARM_UP_MESSAGES);
    const before = await counters();
    const ownBefore = process.cpuUsage();
    const run = await esme.submit(messages);
    const own = process.cpuUsage(ownBefore);
    const after = await counters();
    await esme.close();
    check(after.accepted - before.accepted === messages, `accepted ${String(after.accepted)}`);
    check(after.duplicated === 0, `duplicated ${String(after.duplicated)}`);
    const cpuMs = (of: Counters): number => of.process.cpuUserMs + of.process.cpuSystemMs;
    return {
      submitsPerSecond: (messages / run.submitMs) * 1000,
      receiptsPerSecond: (run.receipts / run.totalMs) * 1000,
      simulatorCpuPer10k: (cpuMs(after) - cpuMs(before)) / 1000 / (messages / 10_000),
      loadCpuPer10k: (own.user + own.system) / 1e6 / (messages / 10_000),
      roundTripP50Ms: run.roundTripP50Ms,
      roundTripP99Ms: run.roundTripP99Ms,
      rssMb: after.process.rssOctets / 2 ** 20,
    };
  } finally {
    await simulator.stop();
  }
}

function check(holds: boolean, found: string): void {
  if (!holds) throw new Error(`the simulator and the load disagree: ${found}`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '500000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});

const results = [];
for (const variant of VARIANTS) {
  const rounds: Measurement[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    rounds.push(await measure(variant, Number(values.messages)));
  }
  const of = (name: keyof Measurement): number => median(rounds.map((round) => round[name]));
  results.push({
    variant: variant.name,
    window: variant.window,
    submitsPerSecond: Math.round(of('submitsPerSecond')),
    receiptsPerSecond: Math.round(of('receiptsPerSecond')),
    simulatorCpuPer10k: Number(of('simulatorCpuPer10k').toFixed(4)),
    loadCpuPer10k: Number(of('loadCpuPer10k').toFixed(4)),
    roundTripP50Ms: Number(of('roundTripP50Ms').toFixed(3)),
    roundTripP99Ms: Number(of('roundTripP99Ms').toFixed(3)),
    rssMb: Math.round(of('rssMb')),
  });
}

if (values.json) {
  const conditions = {
    messages: Number(values.messages),
    rounds: Number(values.rounds),
    node: process.version,
  };
  console.log(JSON.stringify({ bench: 'smsc-simulator', ...conditions, results }));
} else {
  console.log(`median of ${values.rounds} rounds, ${values.messages} messages each, Node ${process.version}`);
  console.table(results);
}
