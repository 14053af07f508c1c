import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../src/clock/system-clock.js';
import { ChangeAnswer } from '../../src/intake/change/change.openapi.js';
import type { MessageCommand, PartSubmission } from '../../src/message/message.commands.js';
import { type HttpApp, startHttpApp } from '../support/http-app.js';
import { HOLD } from '../support/message-builders.js';

const clock = new SystemClock();

let app: HttpApp;
beforeAll(async () => {
  app = await startHttpApp({ DEFAULT_FROM: 'SureReach', SMPP_REPLACE: 'always', MAX_PARTS: '2' });
});
afterAll(async () => {
  await app.close();
});

async function post(path: string, body?: unknown, server = app) {
  const response = await fetch(server.url + path, {
    method: 'POST',
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Readonly<Record<string, unknown>>;
  return { status: response.status, headers: response.headers, body: answer };
}

type Step = (messageId: string, at: string) => MessageCommand;

async function accepted(steps: readonly Step[] = [], server = app, more: object = {}): Promise<string> {
  const request = { to: '+254711000111', text: 'Hello', ...more };
  const { body } = await post('/v1/messages', request, server);
  const messageId = String(body['id']);
  for (const step of steps) await server.lifecycle.handleMany([step(messageId, clock.isoNow())]);
  return messageId;
}

const attempted: Step = (messageId, at) => ({
  type: 'AttemptSubmit',
  messageId,
  at,
  connector: 'main',
  sender: '1',
  longForm: 'udh8',
});
const ended =
  (result: PartSubmission): Step =>
  (messageId, at) => ({
    type: 'RecordSubmission',
    messageId,
    at,
    attempt: 1,
    connector: 'main',
    inDoubtPolicy: HOLD,
    results: [result],
  });
const submitted = [attempted, ended({ part: 1, end: 'submitted', smscMessageId: '007' })];
const inDoubt = [attempted, ended({ part: 1, end: 'unknown', cause: 'response-timeout' })];

describe('POST /v1/messages/{id}/cancel', () => {
  it('answers 200 when it is done, and again when it is repeated; a body is not needed', async () => {
    const id = await accepted();
    for (const request of [1, 2]) {
      const { status, body, headers } = await post(`/v1/messages/${id}/cancel`);
      expect([request, status, headers.get('location')]).toEqual([request, 200, `/v1/messages/${id}`]);
      expect(ChangeAnswer.strict().parse(body)).toEqual({
        id,
        state: 'done',
        status: 'cancelled',
        outcome: 'not-reached',
      });
    }
  });

  it('answers 202 while the SMSC is asked, and the request is durable', async () => {
    const id = await accepted(submitted);
    for (const request of [1, 2]) {
      const { status, body } = await post(`/v1/messages/${id}/cancel`, { reason: 'moved' });
      expect([request, status]).toEqual([request, 202]);
      expect(ChangeAnswer.parse(body)).toMatchObject({ state: 'requested', status: 'submitted' });
    }
    const events = await fetch(`${app.url}/v1/messages/${id}/events`);
    expect(
      ((await events.json()) as { type: string }[]).filter(({ type }) => type === 'CancelRequested'),
    ).toHaveLength(1);
  });

  it('answers 409 for a message in doubt, and says that others would be cancelled', async () => {
    const { status, body } = await post(`/v1/messages/${await accepted(inDoubt)}/cancel`);
    expect([status, body['type'], body['reason']]).toEqual([
      409,
      'urn:surereach:problem:not-changeable',
      'in-doubt',
    ]);
    expect(body['detail']).toContain('other messages to the same number');
  });

  it.each([
    ['01999c0a-7b1c-7d4e-9f00-8a6c5b4d3e2f', {}, 404],
    ['nonsense', {}, 404],
    ['01999c0a-7b1c-7d4e-9f00-8a6c5b4d3e2f', { reason: '' }, 400],
    ['01999c0a-7b1c-7d4e-9f00-8a6c5b4d3e2f', { reason: 'x', why: 'y' }, 400],
  ])('answers what is wrong with id %s and body %j', async (id, body, status) => {
    expect(await post(`/v1/messages/${id}/cancel`, body)).toMatchObject({ status });
  });
});

describe('POST /v1/messages/{id}/replace', () => {
  it('answers 200 before the submit and 202 after it', async () => {
    const waiting = await accepted();
    expect(await post(`/v1/messages/${waiting}/replace`, { text: 'Bye' })).toMatchObject({ status: 200 });
    const sent = await accepted(submitted);
    expect(await post(`/v1/messages/${sent}/replace`, { text: 'Bye' })).toMatchObject({
      status: 202,
      body: { state: 'requested' },
    });
  });

  it('asks to try again in a moment while a submit is under way', async () => {
    const { status, body, headers } = await post(`/v1/messages/${await accepted([attempted])}/replace`, {
      text: 'Bye',
    });
    expect([status, body['reason'], headers.get('retry-after')]).toEqual([409, 'submit-under-way', '5']);
  });

  it.each([
    [{ text: 'Ж' }, 409],
    [{ text: '' }, 400],
    [{}, 400],
    [{ text: 'x'.repeat(400) }, 422],
  ])('judges %j for a submitted message with %d', async (body, status) => {
    expect(await post(`/v1/messages/${await accepted(submitted)}/replace`, body)).toMatchObject({ status });
  });

  it('says at once that the connector does not replace, before the submit it does', async () => {
    const strict = await startHttpApp({ DEFAULT_FROM: 'SureReach' });
    try {
      const sent = await accepted(submitted, strict);
      const { status, body } = await post(`/v1/messages/${sent}/replace`, { text: 'Bye' }, strict);
      expect([status, body['reason']]).toEqual([409, 'not-carried']);
      expect(body['detail']).toContain('SMPP_REPLACE is never');
      const waiting = await accepted([], strict);
      expect(await post(`/v1/messages/${waiting}/replace`, { text: 'Bye' }, strict)).toMatchObject({
        status: 200,
      });
    } finally {
      await strict.close();
    }
  });

  it('says of a flash message that only plain texts are replaced, submitted or not', async () => {
    for (const steps of [[], submitted]) {
      const id = await accepted(steps, app, { flash: true });
      const { status, body } = await post(`/v1/messages/${id}/replace`, { text: 'Bye' });
      expect([status, body['reason']]).toEqual([409, 'not-plain']);
    }
  });

  it('leaves the answer to a repeated Idempotency-Key what it was', async () => {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'replaced-1' },
      body: JSON.stringify({ to: '+254711000111', text: 'Hello' }),
    };
    const { id } = (await (await fetch(`${app.url}/v1/messages`, request)).json()) as { id: string };
    // The other encoding is not that of the request either.
    await post(`/v1/messages/${id}/replace`, { text: 'Ж' });
    const again = await fetch(`${app.url}/v1/messages`, request);
    expect([again.status, again.headers.get('idempotent-replay')]).toEqual([202, 'true']);
  });
});
