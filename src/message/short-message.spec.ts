import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { airOctets, joinParts, readHeader } from '../../test/support/decode-short-message.js';
import { GSM_BASIC, GSM_EXTENSION, NOT_IN_ALPHABET, septetOf } from './gsm-alphabet.js';
import { chooseEncoding, offendingCharacters } from './encoding-choice.js';
import { TextNotEncodableError, TextTooLongError } from './message.errors.js';
import type { LongForm, MessageFormat, NationalTables, TextEncoding } from './message-format.js';
import { tableOf } from './national-language.js';
import { type Content, countParts, countUnits, encodeParts, encodingFor, formFor } from './short-message.js';

const plain = (text: string, encoding: TextEncoding = 'gsm7'): Content => ({ text, encoding });
const binary = (data: string, udh = ''): Content => ({ text: '', encoding: 'binary', binary: { udh, data } });
const format = (given: Partial<MessageFormat>): MessageFormat => ({
  nationalTables: null,
  dataCoding: null,
  flash: false,
  ports: null,
  ...given,
});
const ports = { destination: 2948, source: 9200 };
const hex = (content: Content, form: LongForm = 'udh8', reference = 0): string[] =>
  encodeParts(content, form, reference).parts.map((part) => part.toString('hex'));
const lengths = (content: Content, form: LongForm = 'udh8'): number[] =>
  encodeParts(content, form).parts.map(({ length }) => length);

describe('octets, by 3GPP TS 23.038', () => {
  it.each([
    ['@£$¥èéùìòÇ\nØø\rÅå', '000102030405060708090a0b0c0d0e0f'],
    ['Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ', '101112131415161718191a1c1d1e1f'],
    [' !"#¤%&\'()*+,-./', '202122232425262728292a2b2c2d2e2f'],
    ['0123456789:;<=>?', '303132333435363738393a3b3c3d3e3f'],
    ['¡ABCDEFGHIJKLMNO', '404142434445464748494a4b4c4d4e4f'],
    ['PQRSTUVWXYZÄÖÑÜ§', '505152535455565758595a5b5c5d5e5f'],
    ['¿abcdefghijklmno', '606162636465666768696a6b6c6d6e6f'],
    ['pqrstuvwxyzäöñüà', '707172737475767778797a7b7c7d7e7f'],
    ['\f^{}\\[~]|€', '1b0a1b141b281b291b2f1b3c1b3d1b3e1b401b65'],
  ])('writes %j in septets, one to an octet', (text, octets) => {
    expect(hex(plain(text))).toEqual([octets]);
  });

  it('writes Latin-1 as it is and UCS-2 with the high octet first', () => {
    expect(hex(plain('naïve', 'latin1'))).toEqual(['6e61ef7665']);
    expect(hex(plain('Да👍', 'ucs2'))).toEqual(['04140430d83ddc4d']);
  });

  it('replaces half a surrogate pair, which no phone can show', () => {
    expect(hex(plain('a\uD83Db', 'ucs2'))).toEqual(['0061fffd0062']);
    expect(hex(plain('\uDC4D\uD83D', 'ucs2'))).toEqual(['fffdfffd']);
    expect(hex(plain('\uD83D\uD83D\uDC4D\uDC4D', 'ucs2'))).toEqual(['fffdd83ddc4dfffd']);
  });

  it('refuses what is not in the alphabet, instead of sending something else', () => {
    expect(() => encodeParts(plain('ok “'))).toThrow(TextNotEncodableError);
    expect(() => encodeParts(plain('ok “', 'latin1'))).toThrow(/offset 3/);
    expect(() => encodeParts(plain(`${'a'.repeat(200)}“`))).toThrow(/offset 200/);
  });
});

describe('counting parts', () => {
  it.each<[TextEncoding, string, LongForm, number, number]>([
    ['gsm7', 'a', 'udh8', 160, 153],
    ['gsm7', 'a', 'udh16', 160, 152],
    ['gsm7', 'a', 'sar', 160, 152],
    ['latin1', 'ï', 'udh8', 140, 134],
    ['latin1', 'ï', 'udh16', 140, 133],
    ['ucs2', 'Д', 'udh8', 70, 67],
    ['ucs2', 'Д', 'udh16', 70, 66],
    ['ucs2', 'Д', 'sar', 70, 66],
  ])('in %s, %s, by %s: %i in one part, %i in each of several', (encoding, letter, form, single, several) => {
    const parts = [single, single + 1, 2 * several, 2 * several + 1, 3 * several, 3 * several + 1].map(
      (length) => countParts(plain(letter.repeat(length), encoding), form),
    );
    expect(parts).toEqual([1, 2, 2, 3, 3, 4]);
  });

  it('counts octets that are no text as Latin-1 is counted', () => {
    const parts = [140, 141, 268, 269].map((octets) => countParts(binary('00'.repeat(octets))));
    expect(parts).toEqual([1, 2, 2, 3]);
  });

  it('is one part in message_payload, however long', () => {
    expect(countParts(plain('a'.repeat(5000)), 'payload')).toBe(1);
  });

  it('counts an extension character as two septets', () => {
    expect(countUnits(plain('€a'))).toBe(3);
    expect(countParts(plain('€'.repeat(80)))).toBe(1);
    expect(countParts(plain('€'.repeat(80) + 'a'))).toBe(2);
  });

  it('counts an empty text as one part', () => {
    expect(countParts(plain(''))).toBe(1);
    expect(hex(plain(''))).toEqual(['']);
  });

  it('leaves a septet empty rather than splitting an extension character', () => {
    const text = 'a'.repeat(152) + '€' + 'a'.repeat(151);
    expect(countUnits(plain(text))).toBe(305);
    expect(lengths(plain(text))).toEqual([6 + 152, 6 + 153]);
    expect(countParts(plain(`${text}aa`))).toBe(3);
  });

  it('leaves a unit empty rather than splitting a surrogate pair', () => {
    expect(lengths(plain('Д'.repeat(66) + '👍' + 'Д'.repeat(10), 'ucs2'))).toEqual([6 + 132, 6 + 24]);
  });
});

describe('the header of several parts, by 3GPP TS 23.040', () => {
  it.each<[LongForm, string[]]>([
    ['udh8', ['050003ab0301', '050003ab0302', '050003ab0303']],
    ['udh16', ['06080412ab0301', '06080412ab0302', '06080412ab0303']],
  ])('in the form %s', (form, headers) => {
    const size = form === 'udh8' ? 12 : 14;
    expect(hex(plain('a'.repeat(400)), form, 0x12ab).map((part) => part.slice(0, size))).toEqual(headers);
  });

  it('is left to the SMSC with sar and payload', () => {
    const text = 'a'.repeat(400);
    expect(encodeParts(plain(text), 'sar')).toMatchObject({ hasHeader: false, form: 'sar' });
    expect(lengths(plain(text), 'sar')).toEqual([152, 152, 96]);
    expect(encodeParts(plain(text), 'payload')).toMatchObject({ hasHeader: false, form: 'payload' });
    expect(lengths(plain(text), 'payload')).toEqual([400]);
  });

  it('counts to 255, no further', () => {
    expect(encodeParts(plain('a'.repeat(255 * 153))).parts).toHaveLength(255);
    expect(() => encodeParts(plain('a'.repeat(255 * 153 + 1)))).toThrow(TextTooLongError);
  });
});

describe('what else stands in a header', () => {
  it('names the ports in every part, 16 bits each', () => {
    const content = { ...plain('hi'), format: format({ ports }) };
    expect(hex(content)).toEqual(['06050' + '40b8423f0' + '6869']);
    const long = { ...plain('a'.repeat(200)), format: format({ ports }) };
    expect(hex(long, 'udh16', 0x0102).map((part) => part.slice(0, 28))).toEqual([
      '0c080401020201' + '05040b8423f0' + '61',
      '0c080401020202' + '05040b8423f0' + '61',
    ]);
  });

  it('names the national tables: 24 for the single shift, 25 for the locking shift', () => {
    const shifted = (nationalTables: NationalTables, text: string): string[] =>
      hex({ ...plain(text), format: format({ nationalTables }) });
    expect(shifted({ locking: null, single: 'tr' }, 'ş')).toEqual(['03240101' + '1b73']);
    expect(shifted({ locking: 'tr', single: null }, 'ş€')).toEqual(['03250101' + '1d04']);
    expect(shifted({ locking: null, single: 'es' }, 'añó')).toEqual(['03240102' + '617d' + '1b6f']);
    expect(shifted({ locking: 'pt', single: 'pt' }, 'ãΩ')).toEqual(['06240103250103' + '7b' + '1b15']);
  });

  it.each<[NationalTables, number, number]>([
    [{ locking: null, single: 'tr' }, 155, 149],
    [{ locking: 'tr', single: null }, 155, 149],
    [{ locking: 'pt', single: 'pt' }, 152, 146],
  ])('takes its room from every part: %j', (nationalTables, single, several) => {
    const parts = [single, single + 1, 2 * several, 2 * several + 1].map((length) =>
      countParts({ ...plain('a'.repeat(length)), format: format({ nationalTables }) }),
    );
    expect(parts).toEqual([1, 2, 2, 3]);
  });

  it('keeps the elements that a binary message brings, in every part', () => {
    expect(hex(binary('cafe', '06050415811581'))).toEqual(['06050415811581cafe']);
    const [first = ''] = hex(binary('00'.repeat(200), '06050415811581'), 'udh8', 7);
    expect(first.slice(0, 24)).toBe('0b000307020105041581' + '1581');
  });
});

describe('a form that the message does not allow', () => {
  it.each<[string, Content]>([
    ['ports', { ...plain('a'.repeat(200)), format: format({ ports }) }],
    [
      'national tables',
      { ...plain('ş'.repeat(200)), format: format({ nationalTables: { locking: 'tr', single: null } }) },
    ],
    ['a header of its own', binary('00'.repeat(200), '06050415811581')],
  ])('falls back to a header with an 8-bit reference: %s with sar or payload', (_what, content) => {
    for (const form of ['sar', 'payload'] as const) {
      expect(formFor(content, form)).toBe('udh8');
      expect(encodeParts(content, form)).toMatchObject({ hasHeader: true, form: 'udh8' });
    }
    expect(formFor(content, 'udh16')).toBe('udh16');
  });

  it('is no form at all for one part', () => {
    for (const form of ['udh16', 'sar', 'payload'] as const) {
      expect(encodeParts(plain('short'), form)).toMatchObject({ hasHeader: false, form: 'udh8' });
    }
  });

  it('is one in which the parts could not be counted', () => {
    const most = plain('a'.repeat(255 * 153));
    expect(formFor(most, 'udh16')).toBe('udh8');
    expect(encodeParts(most, 'udh16').parts).toHaveLength(255);
  });
});

describe('an SMSC with another alphabet behind data_coding 0', () => {
  it('gets its own octets, cut as the phone will count them', () => {
    const text = 'é[' + 'a'.repeat(157) + 'b';
    const { parts } = encodeParts(plain(text), 'udh8', 0, 'latin1');
    expect(parts.map((part) => part.toString('latin1', 6))).toEqual([text.slice(0, 152), text.slice(152)]);
    expect(hex(plain('@$'))).toEqual(['0002']);
    expect(encodeParts(plain('@$'), 'udh8', 0, 'ascii').parts[0]?.toString('hex')).toBe('4024');
  });

  it('gets UCS-2 where its alphabet lacks a character or a table', () => {
    expect(encodingFor(plain('é'), 'gsm')).toBe('gsm7');
    expect(encodingFor(plain('é'), 'latin1')).toBe('gsm7');
    expect(encodingFor(plain('é'), 'ascii')).toBe('ucs2');
    expect(encodingFor(plain('€ and Δ'), 'latin1')).toBe('ucs2');
    const nationalTables = { locking: null, single: 'es' } as const;
    expect(encodingFor({ ...plain('á'), format: format({ nationalTables }) }, 'latin1')).toBe('ucs2');
    expect(encodingFor(plain('ж', 'ucs2'), 'ascii')).toBe('ucs2');
  });

  it('never gets a character that it would take for another', () => {
    expect(() => encodeParts(plain('100 €'), 'udh8', 0, 'latin1')).toThrow(TextNotEncodableError);
    expect(() => encodeParts(plain('é'), 'udh8', 0, 'ascii')).toThrow(/ASCII.*offset 0/);
  });
});

describe('a message cut and joined again', () => {
  const NATIONAL = 'ığİĞşŞçáÁíÍóÓúÚêÊôÔãÃõÕâÂÀªº∞`';
  const TABLES: readonly (NationalTables | null)[] = [
    null,
    { locking: null, single: 'tr' },
    { locking: 'tr', single: null },
    { locking: null, single: 'es' },
    { locking: 'pt', single: 'es' },
    { locking: 'pt', single: 'pt' },
  ];
  const CANDIDATES = Array.from(
    new Set(
      [GSM_BASIC, Array.from(GSM_EXTENSION.keys()).join(''), NATIONAL].flatMap((some) => Array.from(some)),
    ),
  ).filter((character) => character !== '\u001B');
  const textIn = (tables: NationalTables | null): fc.Arbitrary<string> =>
    fc.string({
      unit: fc.constantFrom(
        ...CANDIDATES.filter((c) => septetOf(tableOf(tables), c.charCodeAt(0)) !== NOT_IN_ALPHABET),
      ),
      maxLength: 700,
    });
  const somePorts = fc.option(fc.record({ destination: fc.nat(0xffff), source: fc.nat(0xffff) }));
  const gsm: fc.Arbitrary<Content> = fc
    .tuple(fc.constantFrom(...TABLES), somePorts)
    .chain(([nationalTables, given]) =>
      textIn(nationalTables).map((text) => ({
        ...plain(text),
        format: format({ nationalTables, ports: given }),
      })),
    );
  const latin1 = fc
    .string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      maxLength: 500,
    })
    .map((text) => plain(text, 'latin1'));
  const anything = fc.string({ unit: 'binary', maxLength: 300 });
  const ucs2: fc.Arbitrary<Content> = fc
    .tuple(anything, somePorts)
    .map(([text, given]) => ({ ...plain(text, 'ucs2'), format: format({ ports: given }) }));
  const octets = fc
    .tuple(fc.uint8Array({ maxLength: 600 }), fc.constantFrom('', '057003aabbcc', '04a0027fff'))
    .map(([data, udh]) => binary(Buffer.from(data).toString('hex'), udh));
  const forms = fc.constantFrom<LongForm>('udh8', 'udh16', 'sar', 'payload');

  it.each<[string, fc.Arbitrary<Content>]>([
    ['GSM 7-bit, with and without national tables', gsm],
    ['Latin-1', latin1],
    ['UCS-2', ucs2],
    ['octets', octets],
  ])('is the same in every form, counted right, in parts that fit the air: %s', (_what, contents) => {
    fc.assert(
      fc.property(contents, forms, fc.nat(0xffff), (content, asked, reference) => {
        const encoded = encodeParts(content, asked, reference);
        const { encoding, text } = content;
        expect(joinParts(encoded, encoding)).toBe(encoding === 'binary' ? content.binary?.data : text);
        expect(encoded.parts).toHaveLength(countParts(content, asked));
        expect(encoded.form).toBe(formFor(content, asked));
        for (const part of encoded.parts) {
          if (encoded.form === 'payload') continue;
          // The SMSC puts its own header, of at most 7 octets, before a part of sar.
          const room = encoded.form === 'sar' && encoded.parts.length > 1 ? 140 - 7 : 140;
          expect(airOctets(part, encoding, encoded.hasHeader)).toBeLessThanOrEqual(room);
          if (!encoded.hasHeader) continue;
          const header = readHeader(part);
          expect(Object.keys(header.others)).toHaveLength((content.binary?.udh ?? '') === '' ? 0 : 1);
          expect(header.ports).toEqual(content.format?.ports ?? null);
          if (encoded.parts.length > 1) {
            expect(header.reference).toBe(encoded.form === 'udh16' ? reference : reference & 0xff);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('never gets an encoding that cannot carry it', () => {
    fc.assert(
      fc.property(fc.oneof(anything, textIn(null)), fc.boolean(), (text, allowLatin1) => {
        const encoding = chooseEncoding(text, { allowLatin1 });
        expect(joinParts(encodeParts(plain(text, encoding)), encoding)).toBe(text);
        expect(encoding === 'gsm7').toBe(offendingCharacters(text).length === 0);
        if (encoding === 'latin1') expect(allowLatin1).toBe(true);
      }),
    );
  });
});
