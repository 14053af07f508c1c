import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { SeededRandomness, VirtualClock } from '../../src/clock/virtual-clock.js';
import { Conversations } from '../../src/smpp/inbound/conversations.js';
import { InboundPage, InboundSchema } from '../../src/status/inbound.openapi.js';
import { type HttpApp, startHttpApp } from '../support/http-app.js';
import { inboundIdOf, receive, receivePart, SHORT_CODE } from '../support/inbound-builders.js';
import { at } from '../support/message-builders.js';

const PHONES = ['+27830000001', '+27830000002'] as const;
const REPLY = '019b7a8c-0000-7000-8000-000000000001';

let app: HttpApp;

beforeAll(async () => {
  app = await startHttpApp();
  const sent = { lastSent: (pairs: readonly unknown[]) => Promise.resolve(pairs.map(() => REPLY)) };
  const conversations = new Conversations(app.journal, sent, new VirtualClock(), new SeededRandomness(1));
  for (let n = 0; n < 6; n++) {
    const from = PHONES[n % 2] ?? PHONES[0];
    const connector = n < 4 ? 'main' : 'other';
    const command = receive(`text ${String(n)}`, n * 60, { from, connector });
    await conversations.handle({ ours: SHORT_CODE, theirs: from }, command);
  }
  const parties = { ours: SHORT_CODE, theirs: PHONES[0] };
  const from = PHONES[0];
  await conversations.handle(parties, receivePart([3, 3], 'end', 600, { from }));
  await conversations.handle(parties, {
    type: 'GiveUpParts',
    at: at(4_200),
    inboundId: inboundIdOf('end', 600),
  });
});
afterAll(async () => {
  await app.close();
});

async function get(path: string): Promise<{ status: number; type: string | null; body: unknown }> {
  const response = await fetch(app.url + path);
  return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
}

async function textsOf(query: string): Promise<readonly (string | null)[]> {
  const { items } = InboundPage.parse((await get(`/v1/inbound?${query}`)).body);
  return items.map(({ text }) => text);
}

describe('GET /v1/inbound/{id}', () => {
  it('gives a message with its text, what it answers to, and all that came over the wire', async () => {
    const { status, body } = await get(`/v1/inbound/${inboundIdOf('text 1', 60)}`);
    expect(status).toBe(200);
    expect(InboundSchema.strict().parse(body)).toMatchObject({
      id: inboundIdOf('text 1', 60),
      from: '+27830000002',
      to: SHORT_CODE,
      connector: 'main',
      kind: 'message',
      text: 'text 1',
      parts: 1,
      missingParts: [],
      receivedAt: at(60),
      firstPartAt: at(60),
      inReplyTo: REPLY,
      repeats: 0,
      raw: { octetsHex: [Buffer.from('text 1').toString('hex')], pdu: 'deliver_sm', dataCoding: 0 },
    });
  });

  it('names the parts that never came', async () => {
    const { body } = await get(`/v1/inbound/${inboundIdOf('end', 600)}`);
    expect(InboundSchema.parse(body)).toMatchObject({
      text: '…end',
      parts: 3,
      missingParts: [1, 2],
      firstPartAt: at(600),
      receivedAt: at(4_200),
      raw: { octetsHex: [null, null, expect.stringMatching(/^050003070303/)] },
    });
  });

  it.each([inboundIdOf('nobody'), 'nonsense', "1'%20or%201=1"])('answers 404 for %s', async (id) => {
    const { status, type, body } = await get(`/v1/inbound/${id}`);
    expect([status, type]).toEqual([404, 'application/problem+json; charset=utf-8']);
    expect(body).toMatchObject({
      type: 'urn:surereach:problem:not-found',
      detail: expect.stringContaining('there is no inbound message'),
    });
  });
});

describe('GET /v1/inbound', () => {
  it('pages through everything, the newest first, each message once', async () => {
    const seen: (string | null)[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const behind: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: z.output<typeof InboundPage> = InboundPage.parse(
        (await get(`/v1/inbound?limit=3${behind}`)).body,
      );
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map(({ text }) => text));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['…end', 'text 5', 'text 4', 'text 3', 'text 2', 'text 1', 'text 0']);
  });

  it('finds by phone, address, connector and time, a plus written as one or as a space', async () => {
    expect(await textsOf('from=%2B27830000002')).toEqual(['text 5', 'text 3', 'text 1']);
    expect(await textsOf('from=+27830000002&connector=other')).toEqual(['text 5']);
    expect(await textsOf(`since=${at(240)}`)).toEqual(['…end', 'text 5', 'text 4']);
    expect(await textsOf('since=2026-01-01T10:04:00%2B02:00&connector=other')).toEqual(['text 5', 'text 4']);
    expect(await textsOf(`to=${SHORT_CODE}&limit=1`)).toEqual(['…end']);
    expect(await textsOf('to=99999')).toEqual([]);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['since=yesterday', 'since'],
    ['since=2026-01-01', 'since'],
    ['cursor=nonsense', 'cursor'],
    [`cursor=${Buffer.from(`0000-01-01T00:00:00.000Z ${REPLY}`).toString('base64url')}`, 'cursor'],
    [`cursor=${Buffer.from(`${at(0)} nobody`).toString('base64url')}`, 'cursor'],
    ['from=', 'from'],
    ['colour=red', 'colour'],
    ['to=1&to=2', 'to'],
  ])('refuses ?%s and names the field', async (query, field) => {
    const { status, type, body } = await get(`/v1/inbound?${query}`);
    expect([status, type]).toEqual([400, 'application/problem+json; charset=utf-8']);
    expect(z.object({ errors: z.array(z.object({ field: z.string() })) }).parse(body).errors).toEqual([
      { field },
    ]);
  });
});
