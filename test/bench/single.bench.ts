// Single requests: how many POST /v1/messages a second are durable, and how long each waits.
//
//   npm run bench -- --single [--json]        20,000 messages over 100 connections
//   npm run bench -- --single --messages 50000 --connections 20
//
// The service runs as `npm start` runs it, in a process of its own, and sends what it accepts
// meanwhile; this process does nothing but ask. A warm-up goes before and is not counted. Lost are
// messages answered with 202 that are not delivered in the end.
import { parseArgs } from 'node:util';
import { print, untilDelivered, withBenchService } from '../support/load/bench-service.js';
import { post, type PostedRun } from '../support/load/http-posts.js';
import { requestOf } from '../support/load/upload-body.js';
import type { RunningService } from '../support/service.js';

const WARM_UP_MESSAGES = 2_000;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '20000' },
    connections: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
});

async function measure(service: RunningService, messages: number, connections: number): Promise<object> {
  const posts = (batch: string, count: number, from: number): Promise<PostedRun> =>
    post({
      url: `${service.url}/v1/messages`,
      count,
      connections,
      bodyOf: (index) => JSON.stringify({ ...requestOf(from + index), batch }),
    });
  const warmUp = await posts('warm-up', WARM_UP_MESSAGES, 0);
  await untilDelivered(service, 'warm-up', warmUp.answers['202'] ?? 0);
  const run = await posts('measured', messages, WARM_UP_MESSAGES);
  const { 202: accepted = 0, ...errorsByAnswer } = run.answers;
  const counts = await untilDelivered(service, 'measured', accepted);
  return {
    messages,
    connections,
    acceptedPerSecond: Math.round(accepted / run.seconds),
    p50Ms: run.p50Ms,
    p99Ms: run.p99Ms,
    errors: messages - accepted,
    errorsByAnswer,
    lost: accepted - (counts.byStatus['delivered'] ?? 0),
  };
}

const result = await withBenchService({}, (service) =>
  measure(service, Number(values.messages), Number(values.connections)),
);
print(result, values.json);
