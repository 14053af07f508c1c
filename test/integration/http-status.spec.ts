import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { SystemClock, SystemRandomness } from '../../src/clock/system-clock.js';
import { newUuid } from '../../src/clock/ids.js';
import type { MessageCommand } from '../../src/message/message.commands.js';
import {
  BatchSchema,
  MessageEvents,
  MessagePage,
  MessageSchema,
  StatsSchema,
} from '../../src/status/status.openapi.js';
import { type HttpApp, startHttpApp } from '../support/http-app.js';

const clock = new SystemClock();
const NOBODY = newUuid(clock, new SystemRandomness());

let app: HttpApp;
beforeAll(async () => {
  app = await startHttpApp({ DEFAULT_FROM: 'SureReach' });
});
afterAll(async () => {
  await app.close();
});

async function get(path: string): Promise<{ status: number; type: string | null; body: unknown }> {
  const response = await fetch(app.url + path);
  return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
}

async function accept(extra: object = {}): Promise<string> {
  const response = await fetch(`${app.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ to: '+254711000111', text: 'Hello', ...extra }),
  });
  return z.object({ id: z.string() }).parse(await response.json()).id;
}

async function handle(messageId: string, ...commands: readonly object[]): Promise<void> {
  for (const command of commands) {
    await app.lifecycle.handleMany([{ messageId, at: clock.isoNow(), ...command } as MessageCommand]);
  }
}

describe('GET /v1/messages/{id}', () => {
  it('tells of a message right after it was accepted, before the read model has it', async () => {
    const id = await accept({ reference: 'r1', channels: [{ channel: 'sms', fallbackAfter: 60 }] });
    const { status, body } = await get(`/v1/messages/${id}`);
    expect(status).toBe(200);
    expect(MessageSchema.strict().parse(body)).toMatchObject({
      id,
      to: '+254711000111',
      from: 'SureReach',
      status: 'accepted',
      outcome: 'pending',
      reason: null,
      attempts: [],
      voice: [],
      reference: 'r1',
      channels: [{ channel: 'sms', fallbackAfter: 60, successStatus: 'delivered' }],
    });
  });

  it('is up to date at once; in a list it is as the read model has it', async () => {
    const id = await accept();
    await app.index.catchUp();
    const asAccepted: unknown = (await get(`/v1/messages/${id}`)).body;
    await handle(
      id,
      { type: 'AttemptSubmit', connector: 'main', sender: '1', longForm: 'udh8' },
      {
        type: 'RecordSubmission',
        attempt: 1,
        connector: 'main',
        inDoubtPolicy: { then: 'hold' },
        results: [{ part: 1, end: 'submitted', smscMessageId: '007' }],
      },
    );
    const message = MessageSchema.parse((await get(`/v1/messages/${id}`)).body);
    expect(message).toMatchObject({
      status: 'submitted',
      parts: [{ part: 1, smscMessageId: '007', connector: 'main' }],
      attempts: [{ attempt: 1, results: [{ result: 'submitted' }] }],
    });
    const inList = async () => {
      const { items } = MessagePage.parse((await get('/v1/messages?limit=200')).body);
      return items.find((item) => item.id === id);
    };
    expect(await inList()).toEqual(asAccepted);
    await app.index.catchUp();
    expect(await inList()).toEqual(message);
  });

  it.each([
    `/v1/messages/${NOBODY}`,
    '/v1/messages/nonsense',
    `/v1/messages/${NOBODY}/events`,
    "/v1/messages/1'%20or%201=1/events",
  ])('answers 404 for %s', async (path) => {
    const { status, type, body } = await get(path);
    expect([status, type]).toEqual([404, 'application/problem+json; charset=utf-8']);
    expect(body).toMatchObject({
      type: 'urn:surereach:problem:not-found',
      detail: expect.stringContaining('there is no message'),
    });
  });
});

describe('GET /v1/messages/{id}/events', () => {
  it('gives every event, the oldest first, with revision and position as numbers', async () => {
    const id = await accept({ sendAt: new Date(clock.now() + 60_000).toISOString() });
    const events = MessageEvents.parse((await get(`/v1/messages/${id}/events`)).body);
    expect(events.map(({ type, revision }) => [type, revision])).toEqual([
      ['MessageAccepted', 0],
      ['MessageScheduled', 1],
    ]);
    const [first, second] = events;
    expect(Number(second?.position)).toBeGreaterThan(Number(first?.position));
    expect(first?.metadata).toMatchObject({ correlationId: id, tenantId: 'default' });
    expect(first?.at).toBe(first?.metadata['at']);
  });
});

describe('GET /v1/messages', () => {
  it('pages through what it finds, the newest first, each message once', async () => {
    const to = '+254711000222';
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push(await accept({ to, batch: 'pages' }));
    await accept({ to: '+254711000333', batch: 'pages' });
    await app.index.catchUp();
    const seen: string[] = [];
    let path: string | null = `/v1/messages?to=${to}&batch=pages&status=accepted&limit=2`;
    const first = path;
    while (path !== null) {
      const { items, nextCursor } = MessagePage.parse((await get(path)).body);
      expect(items.length).toBeLessThanOrEqual(2);
      seen.push(...items.map(({ id }) => id));
      path = nextCursor === null ? null : `${first}&cursor=${nextCursor}`;
    }
    expect(seen).toEqual(ids.toReversed());
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=ten', 'limit'],
    ['status=sent', 'status'],
    ['to=nobody', 'to'],
    ['cursor=nonsense', 'cursor'],
    ['colour=red', 'colour'],
    ['status=accepted&status=submitted', 'status'],
  ])('refuses ?%s and names the field', async (query, field) => {
    const { status, body } = await get(`/v1/messages?${query}`);
    expect([
      status,
      z.object({ errors: z.array(z.object({ field: z.string() })) }).parse(body).errors,
    ]).toEqual([400, [{ field }]]);
  });
});

describe('GET /v1/batches/{id}', () => {
  it('counts the messages and tells how the upload ended', async () => {
    await fetch(`${app.url}/v1/messages/bulk?batch=counted`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: 'to,text\n+254711000001,a\n+254711000002,b\nnobody,c\n',
    });
    const early = BatchSchema.parse((await get('/v1/batches/counted')).body);
    expect(early).toMatchObject({
      messages: 0,
      upload: { state: 'complete', rows: 3, accepted: 2, rejected: 1 },
    });
    await app.index.catchUp();
    expect(BatchSchema.parse((await get('/v1/batches/counted')).body)).toMatchObject({
      id: 'counted',
      messages: 2,
      byStatus: { accepted: 2 },
      byOutcome: { pending: 2 },
    });
  });

  it('counts a batch that was named by single messages only', async () => {
    await accept({ batch: 'named' });
    await app.index.catchUp();
    expect(BatchSchema.parse((await get('/v1/batches/named')).body)).toMatchObject({
      messages: 1,
      upload: null,
    });
  });

  it.each(['absent', '%20', 'a%2Fb', 'x'.repeat(300)])('answers 404 for %s', async (name) => {
    expect((await get(`/v1/batches/${name}`)).status).toBe(404);
  });
});

describe('operations', () => {
  it('counts everything in GET /v1/stats', async () => {
    await app.index.catchUp();
    const stats = StatsSchema.parse((await get('/v1/stats')).body);
    expect(stats.messages).toBeGreaterThan(0);
    expect(stats.queueDepth).toBe(3);
    expect(Object.values(stats.byOutcome).reduce((sum, count) => sum + count, 0)).toBe(stats.messages);
  });

  it('is live, and ready as long as the journal answers', async () => {
    expect(await get('/health/live')).toMatchObject({ status: 200, body: { status: 'up' } });
    expect(await get('/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'up', checks: { journal: { status: 'up' } } },
    });
  });

  it('gives metrics of its own requests by route, never by path', async () => {
    await get(`/v1/messages/${NOBODY}`);
    const text = await (await fetch(`${app.url}/metrics`)).text();
    expect(text).toMatch(
      /surereach_http_request_duration_seconds_count\{route="\/v1\/messages\/:id",method="GET",status="404"\} \d+/,
    );
    expect(text).toContain('surereach_messages_accepted_total{source="bulk"} 2');
    expect(text).not.toContain(NOBODY);
  });
});
