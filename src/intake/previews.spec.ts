import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../clock/virtual-clock.js';
import { loadConfig } from '../config/config.js';
import { ProblemError } from '../http/http.errors.js';
import { PreviewAnswer } from './intake.openapi.js';
import { MessageReader } from './message-reader.js';
import { type Preview, Previews } from './previews.js';

const TO = { to: '+254711000111', from: 'Acme' };

function preview(request: object, environment: Readonly<Record<string, string>> = {}): Preview {
  const { message } = loadConfig(environment);
  const clock = new VirtualClock(Date.parse('2026-11-21T10:00:00.000Z'));
  const answer = new Previews(new MessageReader(message), clock, message.price).preview({
    ...TO,
    ...request,
  });
  expect(PreviewAnswer.strict().parse(answer)).toEqual(answer);
  return answer;
}

describe('the preview of a message', () => {
  it('shows a plain text as it would be sent', () => {
    expect(preview({ text: 'Hi €' })).toEqual({
      encoding: 'gsm7',
      dataCoding: 0,
      text: 'Hi €',
      characters: 4,
      units: 5,
      unit: 'septet',
      partCount: 1,
      parts: [{ part: 1, octets: 5, shortMessage: '4869201b65' }],
      partsByForm: { udh8: 1, udh16: 1, sar: 1, payload: 1 },
      offendingCharacters: [],
      replaced: [],
      nationalTables: null,
      warnings: [],
      price: null,
    });
  });

  it('names what makes it UCS-2, where that stands, and what would help', () => {
    expect(preview({ text: `“${'x'.repeat(80)}👍”`, encoding: 'auto' })).toMatchObject({
      encoding: 'ucs2',
      dataCoding: 8,
      characters: 83,
      units: 84,
      unit: 'code unit',
      partCount: 2,
      offendingCharacters: [
        { character: '“', codePoint: 'U+201C', position: 0, count: 1 },
        { character: '👍', codePoint: 'U+1F44D', position: 81, count: 1 },
        { character: '”', codePoint: 'U+201D', position: 83, count: 1 },
      ],
      warnings: ['“ (U+201C) and 2 more cannot be written in GSM 7-bit: ucs2 instead'],
    });
    expect(preview({ text: `“${'x'.repeat(80)}”` }).warnings).toEqual([
      '“ (U+201C) and 1 more cannot be written in GSM 7-bit: ucs2 instead',
      'with "transliterate": true it would be GSM 7-bit in 1 part(s) instead of 2',
    ]);
  });

  it('reports a transliteration beside what offended in the request', () => {
    expect(preview({ text: '“Hi”…', transliterate: true })).toMatchObject({
      text: '"Hi"...',
      encoding: 'gsm7',
      offendingCharacters: [{ character: '“' }, { character: '”' }, { character: '…' }],
      replaced: [
        { from: '“', to: '"', count: 1 },
        { from: '”', to: '"', count: 1 },
        { from: '…', to: '...', count: 1 },
      ],
      warnings: [],
    });
  });

  it('counts the parts of every form, and shows the octets of each', () => {
    const { parts, ...rest } = preview({ text: 'x'.repeat(306) });
    expect(rest).toMatchObject({ partCount: 2, partsByForm: { udh8: 2, udh16: 3, sar: 3, payload: 1 } });
    expect(parts.map(({ octets }) => octets)).toEqual([159, 159]);
    expect(parts.map(({ shortMessage }) => shortMessage.slice(0, 14))).toEqual([
      '050003000201' + '78',
      '050003000202' + '78',
    ]);
  });

  it('shows national tables, flash, ports and octets, with what speaks against them', () => {
    expect(preview({ text: 'ş'.repeat(155), nationalLanguages: ['tr'] })).toMatchObject({
      nationalTables: { locking: 'tr', single: null },
      warnings: [expect.stringMatching(/does not know national tables/)],
    });
    expect(preview({ text: 'now', flash: true })).toMatchObject({
      dataCoding: 0x10,
      warnings: [expect.stringMatching(/flash/)],
    });
    expect(preview({ text: 'ç' }, { SMPP_ALLOW_LATIN1: 'true' }).warnings).toEqual([
      expect.stringMatching(/ç \(U\+00E7\) cannot/),
      expect.stringMatching(/not every SMSC/),
    ]);
    expect(
      preview({ binary: { data: 'cafe' }, ports: { destination: 2948, source: 9200 }, dataCoding: 245 }),
    ).toMatchObject({
      encoding: 'binary',
      dataCoding: 245,
      text: null,
      characters: 2,
      unit: 'octet',
      parts: [{ octets: 9, shortMessage: '0605040b8423f0cafe' }],
      warnings: [expect.stringMatching(/data_coding was given/)],
    });
  });

  it.each([
    ['0.0125', 3, '0.0375'],
    ['0.1', 3, '0.3'],
    ['0.05', 2, '0.10'],
    ['2', 3, '6'],
    ['0.000001', 2, '0.000002'],
  ])('estimates the price exactly: %s times %i is %s', (perPart, parts, amount) => {
    const text = 'x'.repeat(parts * 153);
    expect(preview({ text }, { PRICE_PER_PART: perPart, PRICE_CURRENCY: 'EUR' })).toMatchObject({
      partCount: parts,
      price: { amount, currency: 'EUR', perPart },
    });
  });

  it.each([
    ['a request that cannot be understood', { text: 1 }, 400],
    ['one without a text', {}, 400],
    ['one that could not be accepted', { text: 'x', to: '12' }, 422],
    ['too long a text', { text: 'x'.repeat(1531) }, 422],
  ])('is refused as the message would be: %s', (_what, request, status) => {
    expect(() => preview(request)).toThrow(ProblemError);
    expect(() => preview(request)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ status }) }),
    );
  });
});
