import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UnreadableReportError } from '../voice.errors.js';
import { readCallReport } from './call-report.js';

const SESSION = 'ATVId_8f3c21d06e7a4b5f9c0d1e2f3a4b5c6d';
const FINAL = {
  isActive: '0',
  sessionId: SESSION,
  direction: 'Outbound',
  callerNumber: '+254711082880',
  destinationNumber: '+254722000111',
  durationInSeconds: '3.21',
  currencyCode: 'KES',
  amount: '0.58',
  callStartTime: '2018-07-10 09:15:02',
  hangupCause: 'NORMAL_CLEARING',
};

function rawOf(body: unknown): Record<string, string> {
  const report = readCallReport(body);
  if (report.kind === 'picked-up') throw new Error('a final report was expected');
  return JSON.parse(report.raw) as Record<string, string>;
}

describe('a call report', () => {
  it('of a call in progress says that somebody picked up', () => {
    for (const isActive of ['1', 1, true, 'TRUE']) {
      expect(readCallReport({ ...FINAL, isActive })).toEqual({
        kind: 'picked-up',
        sessionId: SESSION,
        labelled: null,
      });
    }
  });

  it('of an ended call says how it ended, with every value a text', () => {
    expect(readCallReport(FINAL)).toMatchObject({
      kind: 'answered',
      sessionId: SESSION,
      durationSeconds: 3.21,
    });
  });

  it('is read the same with numbers and booleans for values', () => {
    expect(readCallReport({ ...FINAL, isActive: 0, durationInSeconds: 3.21 })).toMatchObject({
      kind: 'answered',
      durationSeconds: 3.21,
    });
  });

  it('is read whatever the case of names and values', () => {
    const shouted = Object.fromEntries(
      Object.entries({ ...FINAL, hangupCause: 'user_busy' }).map(([name, value]) => [
        name.toUpperCase(),
        value,
      ]),
    );
    expect(readCallReport(shouted)).toMatchObject({ kind: 'failed', failure: 'busy', reason: 'USER_BUSY' });
  });

  it.each([
    ['43sec', 43],
    ['43 seconds', 43],
    ['0.5s', 0.5],
    [' 12 ', 12],
  ])('understands the duration %j', (durationInSeconds, durationSeconds) => {
    expect(readCallReport({ ...FINAL, durationInSeconds })).toMatchObject({ durationSeconds });
  });

  it.each(['-5', 'NaN', '1e9', '00:43', '12345678', '4 3'])(
    'does not take the duration %j for proof of an answer',
    (durationInSeconds) => {
      expect(readCallReport({ ...FINAL, durationInSeconds })).toMatchObject({
        kind: 'failed',
        failure: 'failed',
      });
    },
  );

  it('names the call by our own label when the gateway hands it back', () => {
    const messageId = '019b7a8c-0000-7000-8000-000000000001';
    expect(readCallReport({ ...FINAL, clientRequestId: `${messageId}.2` }).labelled).toEqual({
      messageId,
      attempt: 2,
    });
    expect(readCallReport({ ...FINAL, clientRequestId: 'somebody-else' }).labelled).toBeNull();
  });

  it('keeps its words as evidence, without numbers, keys pressed or URLs', () => {
    const raw = rawOf({ ...FINAL, dtmfDigits: '1234', recordingUrl: 'http.cms/xkdLsI', unheardOf: 'x' });
    expect(raw).toEqual({
      isActive: '0',
      direction: 'Outbound',
      durationInSeconds: '3.21',
      currencyCode: 'KES',
      amount: '0.58',
      callStartTime: '2018-07-10 09:15:02',
      hangupCause: 'NORMAL_CLEARING',
    });
  });

  it('keeps no number that hides in another field', () => {
    const number = '+254722000111';
    const fields = [
      'direction',
      'hangupCause',
      'callSessionState',
      'amount',
      'callStartTime',
      'callerCarrierName',
    ];
    for (const field of fields) {
      for (const hidden of [number, `to ${number}`, number.slice(1), '0722 000 111', '0722-000-111']) {
        const report = readCallReport({ ...FINAL, [field]: hidden });
        expect(JSON.stringify({ ...report, sessionId: '' })).not.toMatch(/722[\s-]?000/);
      }
    }
  });

  it.each([
    ['body', null],
    ['body', undefined],
    ['body', 'isActive=1'],
    ['body', [FINAL]],
    ['sessionId', { ...FINAL, sessionId: '' }],
    ['sessionId', { ...FINAL, sessionId: undefined }],
    ['sessionId', { ...FINAL, sessionId: 'a\nb' }],
    ['sessionId', { ...FINAL, sessionId: 'x'.repeat(129) }],
    ['sessionId', { ...FINAL, sessionId: ['a', 'b'] }],
    ['sessionId', { ...FINAL, SESSIONID: 'another' }],
    ['isActive', { ...FINAL, isActive: undefined }],
    ['isActive', { ...FINAL, isActive: '2' }],
    ['isActive', { ...FINAL, isActive: 'constructor' }],
    ['isActive', { ...FINAL, isActive: '__proto__' }],
    ['isActive', { ...FINAL, isActive: {} }],
    ['durationInSeconds', { ...FINAL, durationInSeconds: { seconds: 3 } }],
  ])('is refused by naming %s when it cannot be understood', (field, body) => {
    expect(() => readCallReport(body)).toThrow(
      expect.objectContaining({ code: 'VOICE_REPORT_UNREADABLE', field }),
    );
  });

  it('is read or refused, whatever it is: nothing else is ever thrown', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.record(
            { isActive: fc.anything(), sessionId: fc.anything(), hangupCause: fc.anything() },
            { requiredKeys: [] },
          ),
        ),
        (body) => {
          try {
            expect(readCallReport(body).sessionId).toMatch(/^[\x21-\x7e]{1,128}$/);
          } catch (error) {
            expect(error).toBeInstanceOf(UnreadableReportError);
          }
        },
      ),
    );
  });
});
