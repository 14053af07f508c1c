// The simulator's control API against whatever may be sent over HTTP: it refuses with 4xx and a
// problem, never fails with 5xx, and still answers afterwards.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SmscSimulator } from '../../src/simulators/smsc/smsc-simulator.js';

/** Each is an HTTP request: some seconds together. */
const REQUESTS = 1500;

const PATHS = [
  '/counters',
  '/timings',
  '/ledger',
  '/settings',
  '/scripts',
  '/deliveries',
  '/disconnect',
  '/reset',
];
const path = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...PATHS) },
  fc.constantFrom(
    '/',
    '//',
    '//x:y',
    '/%',
    '/constructor',
    '/__proto__',
    '/ledger?since=-1',
    '/ledger?since=1e99',
    '/ledger?waitMs=x',
    '*',
  ),
  fc.webPath(),
);
const method = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS');

/** Fields the routes know, with values of any kind; or any JSON; or none. */
const known = fc.dictionary(
  fc.constantFrom(
    'mode',
    'systemId',
    'source',
    'destination',
    'text',
    'hex',
    'esmClass',
    'receipted',
    'outcomes',
    'rejectStatus',
    'receiptDelayMs',
    'deliverWindow',
    'status',
    'times',
    'receipts',
    '__proto__',
    'constructor',
  ),
  fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('fin', 'surereach', '447700900123', 'ff', -1, 1e308, null),
  ),
  { maxKeys: 4 },
);
const body = fc.oneof(
  fc.constant(''),
  known.map((value) => JSON.stringify(value)),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

describe('the control API of the SMSC simulator', () => {
  let simulator: SmscSimulator;
  const origin = (): string => `http://127.0.0.1:${String(simulator.httpPort)}`;

  beforeAll(async () => {
    simulator = await SmscSimulator.listen({ httpPort: 0 });
  });

  afterAll(async () => {
    await simulator.close();
  });

  it('answers every request below 500, a refusal with a problem', async () => {
    await fc.assert(
      fc.asyncProperty(method, path, body, async (verb, target, content) => {
        const response = await answerTo(verb, target, content);
        expect({ verb, target, content, response: response.slice(0, 12) }).toMatchObject({
          response: expect.stringMatching(/^HTTP\/1\.1 [234]/),
        });
      }),
      { numRuns: REQUESTS },
    );
    expect((await fetch(`${origin()}/counters`)).status).toBe(200);
  });

  it('calls a target that is no URL a resource that is not there', async () => {
    expect(await answerTo('GET', '//', '')).toMatch(/^HTTP\/1\.1 404/);
  });

  /** Over a raw socket, because fetch mends or refuses what is wrong with a request. */
  async function answerTo(verb: string, target: string, content: string): Promise<string> {
    const octets = Buffer.from(content);
    const socket = connect(simulator.httpPort ?? 0, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write(
      `${verb} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${String(octets.length)}\r\n\r\n`,
    );
    socket.write(octets);
    await once(socket, 'close');
    return Buffer.concat(chunks).toString('latin1');
  }

  it.each([
    ['no HTTP', 'HELO\r\n\r\n'],
    ['a body that is not all there', 'POST /reset HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{'],
    ['a header without end', `GET / HTTP/1.1\r\nx: ${'y'.repeat(100_000)}`],
  ])('survives %s', async (_, octets) => {
    const socket = connect(simulator.httpPort ?? 0, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(octets);
    await once(socket, 'close');
    expect((await fetch(`${origin()}/counters`)).status).toBe(200);
  });
});
