import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MessageAcceptedAnswer, PreviewAnswer } from '../../src/intake/intake.openapi.js';
import { AppendOutcomeUnknownError, JournalUnavailableError } from '../../src/journal/journal.errors.js';
import type { MessageAccepted } from '../../src/message/message.events.js';
import { type HttpApp, startHttpApp } from '../support/http-app.js';
import { exchange } from '../support/http-upload.js';

const VALID = { to: '+254711000111', from: 'SureReach', text: 'Your appointment is tomorrow.' };

let app: HttpApp;
beforeAll(async () => {
  app = await startHttpApp();
});
afterAll(async () => {
  await app.close();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function post(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const response = await fetch(`${app.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

async function acceptedData(id: unknown): Promise<MessageAccepted> {
  const [first] = await app.journal.readStream(`message-${String(id)}`);
  return first?.data as MessageAccepted;
}

function fieldsOf({ body }: Answer): unknown {
  return (body['errors'] as { field: string }[]).map(({ field }) => field);
}

describe('POST /v1/messages', () => {
  it('accepts a message once it is durable, with the defaults written out', async () => {
    const { status, headers, body } = await post(VALID);
    expect(status).toBe(202);
    const { id, status: accepted } = MessageAcceptedAnswer.strict().parse(body);
    expect(accepted).toBe('accepted');
    expect(headers.get('location')).toBe(`/v1/messages/${id}`);
    expect(await acceptedData(id)).toMatchObject({
      from: 'SureReach',
      encoding: 'gsm7',
      partCount: 1,
      priority: 'normal',
      class: 'transactional',
      channels: [
        { channel: 'sms', fallbackAfterSeconds: 86_400, successStatus: 'delivered' },
        { channel: 'voice', maxCalls: 3, retryAfterSeconds: 120 },
      ],
      sendAt: null,
      personal: { to: '+254711000111', text: VALID.text },
    });
  });

  it('takes everything a request may say', async () => {
    const sendAt = new Date(Date.now() + 3_600_000);
    const { status, body } = await post({
      ...VALID,
      to: '0711 000 112',
      priority: 'high',
      class: 'otp',
      sendAt: sendAt.toISOString().replace('Z', '+00:00'),
      validUntil: new Date(Date.now() + 7_200_000).toISOString(),
      channels: [{ channel: 'sms', fallbackAfter: 60, successStatus: 'submitted' }],
      reference: 'order 17',
      batch: 'spring',
      locale: 'sw-KE',
    });
    expect([status, body['status']]).toEqual([202, 'scheduled']);
    expect(await acceptedData(body['id'])).toMatchObject({
      priority: 'high',
      class: 'otp',
      sendAt: sendAt.toISOString(),
      channels: [{ channel: 'sms', fallbackAfterSeconds: 60, successStatus: 'submitted' }],
      reference: 'order 17',
      batch: 'spring',
      locale: 'sw-KE',
      personal: { to: '+254711000112' },
    });
  });

  it('takes everything a text may be written with, and says what it replaced', async () => {
    const format = { nationalLanguages: ['tr'], ports: { destination: 2948, source: 9200 }, flash: true };
    const { status, body } = await post({ ...VALID, ...format, text: '“Hi”', transliterate: true });
    const replaced = [
      { from: '“', to: '"', count: 1 },
      { from: '”', to: '"', count: 1 },
    ];
    expect([status, MessageAcceptedAnswer.strict().parse(body).replaced]).toEqual([202, replaced]);
    expect(await acceptedData(body['id'])).toMatchObject({
      encoding: 'gsm7',
      format: { nationalTables: null, dataCoding: null, flash: true, ports: format.ports },
      personal: { text: '"Hi"', replaced },
    });
  });

  it('takes octets in place of a text', async () => {
    const { to, from } = VALID;
    const binary = { data: 'yv4=', udh: 'BgUEFYEVgQ==', format: 'base64' };
    const { status, body } = await post({ to, from, binary });
    expect(status).toBe(202);
    expect(await acceptedData(body['id'])).toMatchObject({
      encoding: 'binary',
      channels: [{ channel: 'sms' }],
      personal: { text: '', binary: { data: 'cafe', udh: '06050415811581' } },
    });
  });

  it.each<[string, unknown, number, string[]]>([
    ['an encoding that is none', { ...VALID, encoding: 'utf8' }, 400, ['encoding']],
    [
      'a port beyond 16 bits',
      { ...VALID, ports: { destination: 65_536, source: 0 } },
      400,
      ['ports.destination'],
    ],
    ['a text that its encoding cannot hold', { ...VALID, text: 'ж', encoding: 'gsm7' }, 422, ['text']],
    ['a missing field', { to: VALID.to, from: 'Acme' }, 400, ['text']],
    ['an unknown field', { ...VALID, txt: 'x', __proto: 1 }, 400, ['txt', '__proto']],
    ['wrong types', { to: 254711000111, from: ['a'], text: { a: 1 } }, 400, ['to', 'from', 'text']],
    ['null', { ...VALID, text: null }, 400, ['text']],
    ['an empty text', { ...VALID, text: '' }, 400, ['text']],
    ['an array', [VALID], 400, ['body']],
    ['a bare text', '"hello"', 400, ['body']],
    ['half a surrogate pair', '{"to":"+254711000111","from":"A1","text":"\\ud83d"}', 400, ['text']],
    ['U+0000', { ...VALID, text: 'a\0b' }, 400, ['text']],
    ['a control character in a label', { ...VALID, reference: 'a\nb' }, 400, ['reference']],
    ['an instant without a zone', { ...VALID, sendAt: '2026-11-21T10:00:00' }, 400, ['sendAt']],
    ['a day that does not exist', { ...VALID, sendAt: '2026-02-30T10:00:00Z' }, 400, ['sendAt']],
    [
      'voice before sms',
      { ...VALID, channels: [{ channel: 'voice' }, { channel: 'sms' }] },
      400,
      ['channels'],
    ],
    ['an unknown channel', { ...VALID, channels: [{ channel: 'pigeon' }] }, 400, ['channels[0].channel']],
    [
      'too many calls',
      { ...VALID, channels: [{ channel: 'sms' }, { channel: 'voice', maxCalls: 11 }] },
      400,
      ['channels[1].maxCalls'],
    ],
    [
      'a fraction of a second',
      { ...VALID, channels: [{ channel: 'sms', fallbackAfter: 1.5 }] },
      400,
      ['channels[0].fallbackAfter'],
    ],
    ['a batch name with a slash', { ...VALID, batch: '../x' }, 400, ['batch']],
    ['a number that is none', { ...VALID, to: 'hello' }, 422, ['to']],
    ['a number that is too short', { ...VALID, to: '+2547' }, 422, ['to']],
    ['a premium-rate number', { ...VALID, to: '+449098790000' }, 422, ['to']],
    ['a sender that is none', { ...VALID, from: 'much too long a name' }, 422, ['from']],
    ['a text of too many parts', { ...VALID, text: 'x'.repeat(1531) }, 422, ['text']],
    ['a validity in the past', { ...VALID, validUntil: '2020-01-01T00:00:00Z' }, 422, ['validUntil']],
    ['an instant years ahead', { ...VALID, sendAt: '2099-01-01T00:00:00Z' }, 422, ['sendAt', 'validUntil']],
    ['several at once', { to: 'x', from: '!', text: 'y' }, 422, ['to', 'from']],
  ])('refuses %s and names the field', async (_what, body, status, fields) => {
    const answer = await post(body);
    expect([answer.status, fieldsOf(answer)]).toEqual([status, fields]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      type: expect.stringMatching(/^urn:surereach:problem:/),
      title: expect.any(String),
      status,
      detail: expect.any(String),
    });
  });

  it.each<[string, string | Uint8Array, Record<string, string>, number]>([
    ['malformed JSON', '{"to":', {}, 400],
    ['no body', '', {}, 400],
    [
      'octets that are no UTF-8',
      Buffer.from('{"to":"+254711000111","from":"A1","text":"caf\xe9"}', 'latin1'),
      {},
      400,
    ],
    ['a __proto__ trick', '{"__proto__":{"to":"x"},"to":"+254711000111","text":"x"}', {}, 400],
    ['another content type', 'to=1', { 'content-type': 'text/plain' }, 415],
    ['a body of 200 KB', JSON.stringify({ ...VALID, text: 'x'.repeat(200_000) }), {}, 413],
    ['a key with a space', JSON.stringify(VALID), { 'idempotency-key': 'a b' }, 400],
  ])('refuses %s', async (_what, body, headers, status) => {
    const answer = await post(body, headers);
    expect([answer.status, answer.body['status']]).toEqual([status, status]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it('shows a wrong value cut to a readable length', async () => {
    const { body } = await post({ ...VALID, to: '7'.repeat(39) + 'x', priority: 'x'.repeat(500) });
    const [error] = body['errors'] as { field: string; value: string; problem: string }[];
    expect(error).toEqual({
      field: 'priority',
      problem: 'must be one of high, normal, low',
      value: `${'x'.repeat(60)}…`,
    });
  });

  it('needs a sender unless the service has one', async () => {
    const answer = await post({ to: VALID.to, text: 'x' });
    expect([answer.status, fieldsOf(answer)]).toEqual([422, ['from']]);
  });

  it('answers 503 with Retry-After while the store is down, and loses nothing it accepted', async () => {
    app.lifecycle.fail(1, new JournalUnavailableError('connection refused'));
    const { status, headers, body } = await post(VALID);
    expect([status, body['type']]).toEqual([503, 'urn:surereach:problem:store-unavailable']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('answers 500 without a word of the cause when something is wrong with us', async () => {
    app.lifecycle.fail(1, new TypeError('secret detail'));
    const { status, headers, body } = await post(VALID, { 'x-request-id': 'mine-1' });
    expect([status, headers.get('x-request-id')]).toEqual([500, 'mine-1']);
    expect(JSON.stringify(body)).not.toContain('secret detail');
    expect(app.logged()).toContain('mine-1');
  });
});

describe('POST /v1/messages/preview', () => {
  it('answers how the message would be sent, and sends nothing', async () => {
    const before = await app.journal.head();
    const response = await fetch(`${app.url}/v1/messages/preview`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...VALID, text: '“Hi”' }),
    });
    expect(response.status).toBe(200);
    expect(PreviewAnswer.strict().parse(await response.json())).toMatchObject({
      encoding: 'ucs2',
      partCount: 1,
      parts: [{ part: 1, octets: 8, shortMessage: '201c00480069201d' }],
    });
    expect(await app.journal.head()).toBe(before);
  });

  it('refuses what could not be accepted, by the same problem', async () => {
    const body = JSON.stringify({ ...VALID, to: '+2547', text: 'ж', encoding: 'latin1' });
    const [preview, accept] = await Promise.all(
      ['/v1/messages/preview', '/v1/messages'].map(async (path) => {
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(app.url + path, { method: 'POST', headers, body });
        const { errors, type } = (await response.json()) as { errors: object; type: string };
        return { status: response.status, errors, type };
      }),
    );
    expect(preview).toMatchObject({ status: 422, errors: [{ field: 'to' }, { field: 'text' }] });
    expect(preview).toEqual(accept);
  });
});

describe('Idempotency-Key', () => {
  it('gives the same answer to the same request, and says that it is a repeat', async () => {
    const first = await post(VALID, { 'idempotency-key': 'k-1' });
    const second = await post(VALID, { 'idempotency-key': 'k-1' });
    expect(second.status).toBe(202);
    expect(second.body).toEqual(first.body);
    expect([first.headers.get('idempotent-replay'), second.headers.get('idempotent-replay')]).toEqual([
      null,
      'true',
    ]);
    expect(await app.journal.readStream(`message-${String(first.body['id'])}`)).toHaveLength(1);
  });

  it.each([
    ['another text', { ...VALID, text: 'Something else' }],
    ['another number', { ...VALID, to: '+254711000119' }],
    ['another encoding', { ...VALID, encoding: 'ucs2' }],
    ['another format', { ...VALID, flash: true }],
    ['other channels', { ...VALID, channels: [{ channel: 'sms' }] }],
    ['another validity', { ...VALID, validUntil: new Date(Date.now() + 60_000).toISOString() }],
  ])('refuses %s under a used key', async (what, other) => {
    await post(VALID, { 'idempotency-key': `k-2-${what.replaceAll(' ', '')}` });
    const answer = await post(other, { 'idempotency-key': `k-2-${what.replaceAll(' ', '')}` });
    expect([answer.status, answer.body['type']]).toEqual([
      422,
      'urn:surereach:problem:idempotency-key-reused',
    ]);
  });

  it('makes one message of 50 requests at once: each gets its id, or 409 while it is under way', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post(VALID, { 'idempotency-key': 'k-3' })),
    );
    const ids = new Set(answers.filter(({ status }) => status === 202).map(({ body }) => body['id']));
    expect(ids.size).toBe(1);
    expect(answers.filter(({ status }) => status !== 202 && status !== 409)).toEqual([]);
    expect(await app.journal.readStream(`message-${String([...ids][0])}`)).toHaveLength(1);
  });

  it('answers 409 while the first request is under way', async () => {
    const { reached, release } = app.lifecycle.hold();
    const first = post(VALID, { 'idempotency-key': 'k-4' });
    try {
      await reached;
      const second = await post(VALID, { 'idempotency-key': 'k-4' });
      expect([second.status, second.headers.get('retry-after')]).toEqual([409, '1']);
    } finally {
      release();
    }
    expect((await first).status).toBe(202);
  });

  it('finds the message whose append had an unknown outcome', async () => {
    app.lifecycle.fail(1, new AppendOutcomeUnknownError('connection lost'), true);
    expect((await post(VALID, { 'idempotency-key': 'k-5' })).status).toBe(503);
    const again = await post(VALID, { 'idempotency-key': 'k-5' });
    expect([again.status, again.headers.get('idempotent-replay')]).toEqual([202, 'true']);
  });
});

describe('the HTTP server', () => {
  it.each([
    ['an unknown path', '/v2/nothing', 404],
    ['a malformed path', '/v1/messages/%zz', 400],
  ])('answers %s with problem details', async (_what, path, status) => {
    const response = await fetch(app.url + path);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['octets that are no HTTP', 'NONSENSE\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
    ['a length that is none', 'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n', 400],
  ])('answers %s with problem details', async (_what, octets, status) => {
    expect(await exchange(app.port, octets)).toMatchObject({
      status,
      body: { status, title: expect.any(String) },
    });
  });

  it('never logs a number, a text or a key', async () => {
    const marker = 'MARKER-TEXT-1';
    await post({ ...VALID, to: '+254722987654', text: marker });
    await post({ ...VALID, to: '+254722987654', text: marker, nonsense: marker });
    app.lifecycle.fail(1, new Error('broken'));
    await post({ ...VALID, to: '+254722987654', text: marker }, { 'idempotency-key': marker });
    expect(app.logged()).not.toContain(marker);
    expect(app.logged()).not.toContain('254722987654');
  });
});
