// The adapter against a server that answers what the test says: what goes over the wire, and
// answers that no well-behaved gateway gives.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Cancel, Clock } from '../../src/clock/clock.js';
import { SystemClock } from '../../src/clock/system-clock.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { AfricasTalkingGateway } from '../../src/voice/africas-talking/africas-talking-gateway.js';

const CALL = { messageId: '019b7a8c-0000-7000-8000-000000000001', attempt: 2, to: '+254711082880' };
const QUEUED = JSON.stringify({
  entries: [{ phoneNumber: CALL.to, status: 'Queued', sessionId: 'ATVId_1' }],
  errorMessage: 'None',
});

interface Seen {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('the Africa’s Talking adapter', () => {
  let server: Server;
  let seen: Seen[];
  let answer: (response: ServerResponse) => void;

  const baseUrl = (): string => `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const gateway = (settings: object = {}, clock: Clock = new SystemClock()): AfricasTalkingGateway =>
    new AfricasTalkingGateway(
      {
        baseUrl: baseUrl(),
        username: 'sure&reach',
        apiKey: 'atsk_secret',
        from: '+254711082000',
        requestTimeoutMs: 10_000,
        ...settings,
      },
      clock,
    );

  beforeEach(async () => {
    seen = [];
    answer = (response) => response.writeHead(201, { 'content-type': 'application/json' }).end(QUEUED);
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const line = `${request.method ?? ''} ${request.url ?? ''}`;
        seen.push({ line, headers: request.headers, body: Buffer.concat(chunks).toString() });
        answer(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });

  it('posts one form with our label, the key in a header, on a connection of its own', async () => {
    expect(await gateway().requestCall(CALL)).toEqual({ status: 'queued', sessionId: 'ATVId_1' });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.line).toBe('POST /call');
    expect(seen[0]?.headers).toMatchObject({
      apikey: 'atsk_secret',
      accept: 'application/json',
      connection: 'close',
      'content-type': expect.stringMatching(/^application\/x-www-form-urlencoded/),
    });
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toEqual({
      username: 'sure&reach',
      from: '+254711082000',
      to: CALL.to,
      clientRequestId: `${CALL.messageId}.2`,
    });
  });

  it('does not mind a slash at the end of the base URL', async () => {
    await gateway({ baseUrl: `${baseUrl()}/version1//` }).requestCall(CALL);
    expect(seen[0]?.line).toBe('POST /version1/call');
  });

  it.each([301, 302, 303, 307, 308])(
    'does not follow a redirect %i: that would be a second request',
    async (httpStatus) => {
      answer = (response) => response.writeHead(httpStatus, { location: '/elsewhere' }).end();
      expect(await gateway().requestCall(CALL)).toMatchObject({ status: 'unknown' });
      expect(seen.map(({ line }) => line)).toEqual(['POST /call']);
    },
  );

  it('stops reading an answer that does not end', async () => {
    let written = 0;
    answer = (response) => {
      response.writeHead(201);
      const write = (): void => {
        while (!response.destroyed && written < 1e9) {
          written += 65_536;
          if (!response.write('x'.repeat(65_536))) {
            response.once('drain', write);
            return;
          }
        }
      };
      write();
    };
    expect(await gateway().requestCall(CALL)).toMatchObject({ status: 'unknown' });
    expect(written).toBeLessThan(1e8);
  });

  it('counts the time until the whole answer is there, by the clock it was given', async () => {
    const clock = new VirtualClock();
    const begun = new Promise<void>((resolve) => {
      answer = (response) => {
        response.writeHead(201, { 'content-length': String(QUEUED.length) });
        response.write(QUEUED.slice(0, 10), () => {
          resolve();
        });
      };
    });
    const outcome = gateway({ requestTimeoutMs: 5_000 }, clock).requestCall(CALL);
    await begun;
    clock.advance(5_000);
    expect(await outcome).toEqual({ status: 'unknown', detail: 'no answer within 5000 ms' });
  });

  it('says unknown when the answer breaks off in the middle', async () => {
    answer = (response) => {
      response.writeHead(201, { 'content-length': String(QUEUED.length) });
      response.write(QUEUED.slice(0, 10), () => response.destroy());
    };
    expect(await gateway().requestCall(CALL)).toMatchObject({ status: 'unknown' });
    expect(seen).toHaveLength(1);
  });

  it('says refused for a host name that does not resolve', async () => {
    // RFC 6761 §6.4: .invalid never resolves.
    expect(await gateway({ baseUrl: 'http://voice.invalid' }).requestCall(CALL)).toMatchObject({
      status: 'refused',
      failure: 'refused-by-gateway',
    });
  });

  it('leaves no timer behind, however the request ends', async () => {
    const clock = new CountingClock();
    await gateway({}, clock).requestCall(CALL);
    await gateway({ baseUrl: 'http://voice.invalid' }, clock).requestCall(CALL);
    expect([clock.set, clock.cancelled]).toEqual([2, 2]);
  });
});

class CountingClock extends VirtualClock {
  set = 0;
  cancelled = 0;

  override after(delayMs: number, run: () => void): Cancel {
    this.set += 1;
    const cancel = super.after(delayMs, run);
    return () => {
      this.cancelled += 1;
      cancel();
    };
  }
}
