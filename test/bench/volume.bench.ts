// Does it slow down as it fills up? The end-to-end rate of 50,000 messages when the store holds
// 10,000, 100,000 and 1,000,000 messages already, all of them through the same upload.
//
//   npm run bench -- --volume [--json]
//   npm run bench -- --volume --until 100000 --messages 20000
//
// One service, never restarted. What was measured counts as stored for the next round. A round
// begins when everything stored is delivered.
import { parseArgs } from 'node:util';
import { untilDelivered, upload, uploadAndDeliver, withBenchService } from '../support/load/bench-service.js';
import { rssMbOf } from '../support/load/process-tree.js';
import type { RunningService } from '../support/service.js';

const STORED = [10_000, 100_000, 1_000_000];

const { values } = parseArgs({
  options: {
    until: { type: 'string', default: '1000000' },
    messages: { type: 'string', default: '50000' },
    json: { type: 'boolean', default: false },
  },
});

interface Round {
  readonly storedMessages: number;
  readonly messages: number;
  readonly seconds: number;
  readonly messagesPerSecond: number;
  readonly peakRssMb: number;
  readonly lost: number;
}

async function round(service: RunningService, stored: number, messages: number): Promise<Round> {
  let peakRssMb = 0;
  const batch = `measured-${String(stored)}`;
  const { seconds, counts } = await uploadAndDeliver(service, batch, messages, stored, () => {
    peakRssMb = Math.max(peakRssMb, rssMbOf(service.pid));
  });
  return {
    storedMessages: stored,
    messages,
    seconds: Number(seconds.toFixed(2)),
    messagesPerSecond: Math.round(messages / seconds),
    peakRssMb: Math.round(peakRssMb),
    lost: messages - (counts.byStatus['delivered'] ?? 0),
  };
}

async function measure(service: RunningService, until: number, messages: number): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  let stored = 0;
  for (const level of STORED.filter((each) => each <= until)) {
    const missing = level - stored;
    if (missing > 0) {
      await upload(service, `fill-${String(level)}`, missing, stored);
      await untilDelivered(service, `fill-${String(level)}`, missing);
      stored = level;
    }
    rounds.push(await round(service, stored, messages));
    stored += messages;
  }
  return rounds;
}

const rounds = await withBenchService({}, (service) =>
  measure(service, Number(values.until), Number(values.messages)),
);
if (values.json) console.log(JSON.stringify({ bench: 'volume', node: process.version, rounds }));
else console.table(rounds);
