import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { SystemClock, SystemRandomness } from '../../src/clock/system-clock.js';
import { newUuid } from '../../src/clock/ids.js';
import { MessageReleasedAnswer } from '../../src/intake/intake.openapi.js';
import { MessageEvents, MessageSchema } from '../../src/status/status.openapi.js';
import { type HttpApp, startHttpApp } from '../support/http-app.js';

const clock = new SystemClock();

let app: HttpApp;
beforeAll(async () => {
  app = await startHttpApp({ DEFAULT_FROM: 'SureReach' });
});
afterAll(async () => {
  await app.close();
});

async function ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Response> {
  const json = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return fetch(app.url + path, { method, ...json });
}

async function accepted(): Promise<string> {
  const response = await ask('POST', '/v1/messages', { to: '+254711000111', text: 'Hello' });
  return z.object({ id: z.string() }).parse(await response.json()).id;
}

async function quarantined(): Promise<string> {
  const messageId = await accepted();
  for (let attempt = 1; attempt <= 2; attempt++) {
    const at = new Date(clock.now() + attempt * 2_000).toISOString();
    await app.lifecycle.handleMany([
      { type: 'AttemptSubmit', messageId, at, connector: 'main', sender: '1', longForm: 'udh8' },
      {
        type: 'RecordSubmission',
        messageId,
        at,
        attempt,
        connector: 'main',
        inDoubtPolicy: { then: 'resubmit', afterSeconds: 1, quarantineAfter: 2 },
        results: [{ part: 1, end: 'unknown', cause: 'link-lost' }],
      },
    ]);
  }
  return messageId;
}

describe('POST /v1/messages/{id}/release', () => {
  it('sends a quarantined message again, and the decision is in its history', async () => {
    const id = await quarantined();
    const before = MessageSchema.parse(await (await ask('GET', `/v1/messages/${id}`)).json());
    expect(before).toMatchObject({ status: 'quarantined', reason: expect.stringContaining('release it') });
    const response = await ask('POST', `/v1/messages/${id}/release`);
    expect(response.status).toBe(202);
    expect(MessageReleasedAnswer.parse(await response.json())).toEqual({ id, status: 'in-doubt' });
    const events = MessageEvents.parse(await (await ask('GET', `/v1/messages/${id}/events`)).json());
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['MessageQuarantined', 'MessageReleased']);
  });

  it('answers alike when it is asked twice, and releases once', async () => {
    const id = await quarantined();
    const answers = [1, 2].map(() => ask('POST', `/v1/messages/${id.toUpperCase()}/release`));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([202, 202]);
    const events = MessageEvents.parse(await (await ask('GET', `/v1/messages/${id}/events`)).json());
    expect(events.filter(({ type }) => type === 'MessageReleased')).toHaveLength(1);
  });

  it('refuses a message that is not in quarantine, and says how it stands', async () => {
    const response = await ask('POST', `/v1/messages/${await accepted()}/release`);
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      type: 'urn:surereach:problem:not-releasable',
      detail: expect.stringContaining('its status is accepted'),
    });
  });

  it.each([newUuid(clock, new SystemRandomness()), 'nonsense'])('answers 404 for %s', async (id) => {
    const response = await ask('POST', `/v1/messages/${id}/release`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ type: 'urn:surereach:problem:not-found' });
  });
});
