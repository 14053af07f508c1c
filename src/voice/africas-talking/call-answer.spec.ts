import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCallAnswer, readCallException } from './call-answer.js';

const answer = (entry: object, errorMessage = 'None'): string =>
  JSON.stringify({ entries: [{ phoneNumber: '+254711082880', ...entry }], errorMessage });

describe('the answer to a call request', () => {
  it('queued carries the session', () => {
    const body = answer({ status: 'Queued', sessionId: 'ATVId_1' });
    expect(readCallAnswer(200, body)).toEqual({ status: 'queued', sessionId: 'ATVId_1' });
    expect(readCallAnswer(201, body)).toEqual({ status: 'queued', sessionId: 'ATVId_1' });
  });

  it.each([
    ['InvalidPhoneNumber', 'invalid-number'],
    ['invalidphonenumber', 'invalid-number'],
    ['DestinationNotSupported', 'refused-by-gateway'],
    ['InsufficientCredit', 'refused-by-gateway'],
  ])('with the entry status %s is refused: %s', (status, failure) => {
    expect(readCallAnswer(201, answer({ status, sessionId: 'None' }))).toMatchObject({
      status: 'refused',
      failure,
      reason: status,
    });
  });

  it('without entries is refused with the error message', () => {
    const body = JSON.stringify({ entries: [], errorMessage: 'Invalid callerId: +254711082000' });
    expect(readCallAnswer(200, body)).toMatchObject({
      status: 'refused',
      failure: 'refused-by-gateway',
      reason: 'Invalid callerId: ***',
    });
  });

  it.each([400, 401, 402, 403, 404, 422, 429])('HTTP %i is refused: nobody was called', (httpStatus) => {
    expect(readCallAnswer(httpStatus, 'The supplied authentication is invalid')).toEqual({
      status: 'refused',
      failure: 'refused-by-gateway',
      reason: `HTTP ${String(httpStatus)}`,
      raw: 'The supplied authentication is invalid',
    });
  });

  it.each([100, 301, 303, 307, 308, 408, 500, 502, 503, 504, 599])(
    'HTTP %i is unknown: the call may have been placed',
    (httpStatus) => {
      expect(readCallAnswer(httpStatus, '')).toMatchObject({ status: 'unknown' });
    },
  );

  it.each([
    ['no JSON', '<html>OK</html>'],
    ['nothing', ''],
    ['no object', '[]'],
    ['no entries', '{}'],
    ['entries of another kind', '{"entries":"none"}'],
    ['an empty list without a reason', '{"entries":[],"errorMessage":"None"}'],
    ['a status nobody has heard of', answer({ status: 'Processing', sessionId: 'ATVId_1' })],
    ['a status that is a word of JavaScript', answer({ status: 'constructor', sessionId: 'ATVId_1' })],
    ['queued without a session', answer({ status: 'Queued', sessionId: 'None' })],
    ['queued with a session that is no text', answer({ status: 'Queued', sessionId: 7 })],
  ])('2xx with %s is unknown', (_, body) => {
    expect(readCallAnswer(200, body)).toMatchObject({ status: 'unknown' });
  });

  it('is evidence without numbers and of bounded length', () => {
    const outcome = readCallAnswer(400, `bad number +254 711 082 880 ${'x'.repeat(5_000)}`);
    expect(JSON.stringify(outcome)).not.toContain('082');
    expect(JSON.stringify(outcome).length).toBeLessThan(500);
  });

  it('is understood or unknown whatever the body, and never throws', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.oneof(fc.string(), fc.json()),
        (httpStatus, body) => {
          expect(['queued', 'refused', 'unknown']).toContain(readCallAnswer(httpStatus, body).status);
        },
      ),
    );
  });
});

describe('a call request that ended in an exception', () => {
  const failed = (cause: unknown): TypeError => new TypeError('fetch failed', { cause });
  const socketError = (code: string, syscall?: string): Error =>
    Object.assign(new Error(`${syscall ?? ''} ${code}`), { code, syscall });

  it.each([
    ['ECONNREFUSED', 'connect'],
    ['EHOSTUNREACH', 'connect'],
    ['ENETUNREACH', 'connect'],
    ['ENOTFOUND', 'getaddrinfo'],
    ['EAI_AGAIN', 'getaddrinfo'],
  ])('is refused after %s of %s: nothing was sent', (code, syscall) => {
    expect(readCallException(failed(socketError(code, syscall)))).toMatchObject({
      status: 'refused',
      failure: 'refused-by-gateway',
    });
  });

  it('is refused when every address of the name refused the connection', () => {
    const both = new AggregateError([
      socketError('ECONNREFUSED', 'connect'),
      socketError('ENETUNREACH', 'connect'),
    ]);
    expect(readCallException(failed(both))).toMatchObject({ status: 'refused' });
  });

  it('is unknown when one address of several got further than connecting', () => {
    const mixed = new AggregateError([
      socketError('ECONNREFUSED', 'connect'),
      socketError('ECONNRESET', 'read'),
    ]);
    expect(readCallException(failed(mixed))).toMatchObject({ status: 'unknown' });
    expect(readCallException(failed(new AggregateError([])))).toMatchObject({ status: 'unknown' });
  });

  it.each([
    ['a reset', failed(socketError('ECONNRESET', 'read'))],
    ['a host that became unreachable while we wrote', failed(socketError('EHOSTUNREACH', 'write'))],
    ['a socket closed by the other side', failed(socketError('UND_ERR_SOCKET'))],
    ['a connection that took too long', failed(socketError('ETIMEDOUT', 'connect'))],
    ['no cause at all', new TypeError('fetch failed')],
    ['something that is no error', 'oops'],
  ])('is unknown after %s', (_, error) => {
    expect(readCallException(error)).toMatchObject({ status: 'unknown' });
  });
});
