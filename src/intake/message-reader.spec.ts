import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Environment } from '../config/read-variables.js';
import { loadConfig } from '../config/config.js';
import { MessageReader } from './message-reader.js';

const AT = '2026-11-21T10:00:00.000Z';
const VALID = { to: '+254711000111', from: 'Acme', text: 'Hello' };

function read(
  input: unknown,
  { environment = {}, batch = null }: { environment?: Environment; batch?: string | null } = {},
) {
  return new MessageReader(loadConfig(environment).message).read(input, { messageId: 'm-1', at: AT, batch });
}

function problemsOf(input: unknown, environment: Environment = {}): Record<string, string> {
  const result = read(input, { environment });
  return 'errors' in result
    ? Object.fromEntries(result.errors.map(({ field, problem }) => [field, problem]))
    : {};
}

describe('reading a request', () => {
  it('fills in what the configuration says', () => {
    const environment = {
      FALLBACK_AFTER_SECONDS: '60',
      VALIDITY_SECONDS: '600',
      VOICE_MAX_CALLS: '1',
      VOICE_RETRY_SECONDS: '9',
    };
    expect(read(VALID, { environment })).toMatchObject({
      type: 'AcceptMessage',
      messageId: 'm-1',
      at: AT,
      validUntil: '2026-11-21T10:10:00.000Z',
      channels: [
        { channel: 'sms', fallbackAfterSeconds: 60, successStatus: 'delivered' },
        { channel: 'voice', maxCalls: 1, retryAfterSeconds: 9 },
      ],
    });
  });

  it('counts validity from sendAt, and writes instants in UTC', () => {
    expect(read({ ...VALID, sendAt: '2026-11-22T03:00:00+03:00' })).toMatchObject({
      sendAt: '2026-11-22T00:00:00.000Z',
      validUntil: '2026-11-23T00:00:00.000Z',
    });
  });

  it('measures the text', () => {
    expect(read({ ...VALID, text: 'x'.repeat(161) })).toMatchObject({ encoding: 'gsm7', partCount: 2 });
    expect(read({ ...VALID, text: 'Привет' })).toMatchObject({ encoding: 'ucs2', partCount: 1 });
    expect(read({ ...VALID, text: 'ç' }, { environment: { SMPP_ALLOW_LATIN1: 'true' } })).toMatchObject({
      encoding: 'latin1',
    });
  });

  it('says what is wrong in words that name the way out', () => {
    expect(problemsOf({ ...VALID, text: 'ж'.repeat(671) })).toEqual({
      text: 'needs 11 parts in ucs2; at most 10 are allowed: shorten it',
    });
    expect(problemsOf({ to: VALID.to, text: 'x' })).toEqual({
      from: 'is missing, and the service has no DEFAULT_FROM',
    });
    expect(
      problemsOf({ ...VALID, sendAt: '2026-11-22T00:00:00Z', validUntil: '2026-11-21T23:00:00Z' }),
    ).toEqual({
      validUntil: 'must lie after sendAt',
    });
    expect(problemsOf({ ...VALID, to: '0711000111' })['to']).toMatch(/international form/);
    expect(problemsOf({ ...VALID, to: '0711000111' }, { DEFAULT_COUNTRY: 'KE' })).toEqual({});
  });

  it('names a field that is unknown or of a wrong type, inside channels too', () => {
    expect(problemsOf({ ...VALID, channels: [{ channel: 'sms', wait: 1 }], sent: true })).toEqual({
      'channels[0].wait': 'is not a known field: remove it',
      sent: 'is not a known field: remove it',
    });
    expect(problemsOf({ ...VALID, channels: [] })).toEqual({
      channels: 'must be sms alone, or sms followed by voice',
    });
    expect(problemsOf('text')).toEqual({ body: 'must be a JSON object' });
  });

  it('sends a binary message as SMS alone: it cannot be spoken', () => {
    const rest = { to: VALID.to, from: VALID.from };
    const binary = { ...rest, binary: { data: 'cafe' } };
    expect(read(binary)).toMatchObject({ encoding: 'binary', channels: [{ channel: 'sms' }] });
    expect(read({ ...binary, channels: [{ channel: 'sms', fallbackAfter: 9 }] })).toMatchObject({
      channels: [{ channel: 'sms', fallbackAfterSeconds: 9 }],
    });
    expect(problemsOf({ ...binary, channels: [{ channel: 'sms' }, { channel: 'voice' }] })).toEqual({
      channels: 'must be sms alone: a binary message cannot be spoken',
    });
    expect(problemsOf(rest)).toEqual({ text: 'is missing' });
  });

  it('leaves the batch to the upload', () => {
    expect(read(VALID, { batch: 'b' })).toMatchObject({ batch: 'b' });
    expect(read({ ...VALID, batch: 'c' }, { batch: 'b' })).toMatchObject({ errors: [{ field: 'batch' }] });
  });

  it('never throws, and what it accepts can be stored as JSON', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.jsonValue(),
      fc.constant(VALID.to),
      fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
    );
    const input = fc.record(
      {
        to: value,
        from: value,
        text: value,
        sendAt: value,
        validUntil: value,
        channels: value,
        reference: value,
        locale: value,
      },
      { requiredKeys: [] },
    );
    const reader = new MessageReader(loadConfig({}).message);
    fc.assert(
      fc.property(
        fc.oneof(
          input,
          input.map((some) => ({ ...VALID, ...some })),
          fc.jsonValue(),
        ),
        (given) => {
          const result = reader.read(given, { messageId: 'm', at: AT, batch: null });
          if ('errors' in result)
            return result.errors.length > 0 && result.errors.every(({ problem }) => problem.length > 0);
          return !/[\0\p{Surrogate}]/u.test(result.text + (result.reference ?? '')) && result.partCount <= 10;
        },
      ),
      { numRuns: 2000 },
    );
  });
});
