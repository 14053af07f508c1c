// Whatever an SMSC writes in one of these ways, the reader reads; and nothing makes it throw.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ReceiptFields, receiptPdu } from '../../../test/support/receipt-pdu.js';
import { COMMAND_ID } from './command-id.js';
import { DeliverSm, readDeliverSm } from './deliver-sm.js';
import { readDeliveryReceipt } from './delivery-receipt.js';
import { type ReceiptOptions, receiptDialect } from './receipt-options.js';

interface Written {
  readonly id: bigint;
  readonly word: 'DELIVRD' | 'UNDELIV' | 'EXPIRED' | 'REJECTD' | 'ENROUTE';
  readonly error: string;
  readonly done: string;
  /** What a person wrote, fields of a receipt included. */
  readonly text: string;
}

const STATES = {
  DELIVRD: { number: 2, state: 'delivered' },
  UNDELIV: { number: 5, state: 'undeliverable' },
  EXPIRED: { number: 3, state: 'expired' },
  REJECTD: { number: 8, state: 'rejected' },
  ENROUTE: { number: 1, state: 'enroute' },
} as const;

const written: fc.Arbitrary<Written> = fc.record({
  id: fc.bigInt({ min: 0n, max: 2n ** 70n }),
  word: fc.constantFrom('DELIVRD', 'UNDELIV', 'EXPIRED', 'REJECTD', 'ENROUTE'),
  error: fc.stringMatching(/^[0-9A-Za-z]{1,4}$/),
  done: fc
    .date({
      min: new Date('2000-01-01T00:00:00Z'),
      max: new Date('2037-12-31T23:59:59Z'),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString().replace(/\D/g, '').slice(2, 12)),
  text: fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('stat:DELETED', 'id:1 err:99', 'text:id:2')),
});

const appendixB = ({ id, word, error, done, text }: Written): string =>
  `id:${String(id)} sub:001 dlvrd:001 submit date:${done} done date:${done} stat:${word} err:${error} text:${text}`;

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const tlvs = ({ id, word }: Written): Record<string, string> => ({
  '001e': `${hex(String(id))}00`,
  '0427': STATES[word].number.toString(16).padStart(2, '0'),
});
const plain = (shortMessage: string): ReceiptFields => ({
  esmClass: 4,
  dataCoding: 0,
  shortMessage,
  tlvs: {},
});

interface Encoder {
  readonly name: string;
  readonly encode: (receipt: Written) => ReceiptFields;
  readonly options?: ReceiptOptions;
  /** Without a text there is neither error nor date. */
  readonly without?: 'text';
}

const ENCODERS: readonly Encoder[] = [
  { name: 'Appendix B', encode: (receipt) => plain(appendixB(receipt)) },
  { name: 'capital Text:', encode: (receipt) => plain(appendixB(receipt).replace(' text:', ' Text:')) },
  {
    name: 'no counters',
    encode: ({ id, word, error, done, text }) =>
      plain(`id:${String(id)} done date:${done} stat:${word} err:${error} text:${text}`),
  },
  {
    name: 'no stat label',
    encode: ({ id, word, error, done }) =>
      plain(`id:${String(id)} sub:001 dlvrd:001 submit date:${done} done date:${done} ${word} err:${error}`),
  },
  {
    name: 'another order',
    encode: ({ id, word, error, done, text }) =>
      plain(`stat:${word} err:${error} done date:${done} id:${String(id)} text:${text}`),
  },
  {
    name: 'quotes and commas',
    encode: ({ id, word, error, done, text }) =>
      plain(`id:"${String(id)}",done date:"${done}",stat:"${word}",err:"${error}",text:"${text}"`),
  },
  {
    name: 'blanks behind labels',
    encode: ({ id, word, error, done, text }) =>
      plain(`id: ${String(id)} done date: ${done} stat: ${word} err: ${error} text: ${text}`),
  },
  {
    name: 'UCS-2',
    encode: ({ id, word, error, done }) => {
      const text = `id:${String(id)} done date:${done} stat:${word} err:${error}`;
      const shortMessageHex = Buffer.from(text, 'utf16le').swap16().toString('hex');
      return { ...plain(''), dataCoding: 8, shortMessageHex };
    },
  },
  {
    name: 'message_payload',
    encode: (receipt) => ({ ...plain(''), tlvs: { '0424': hex(appendixB(receipt)) } }),
  },
  {
    name: 'data_sm',
    encode: (receipt) => ({ ...plain(''), pdu: 'data_sm', tlvs: { '0424': hex(appendixB(receipt)) } }),
  },
  {
    name: 'id and state in TLVs, the text says otherwise',
    encode: (receipt) => ({
      ...plain(appendixB({ ...receipt, id: receipt.id + 1n, word: 'ENROUTE' })),
      tlvs: tlvs(receipt),
    }),
  },
  { name: 'TLVs alone', encode: (receipt) => ({ ...plain(''), tlvs: tlvs(receipt) }), without: 'text' },
  {
    name: 'hex, padded, capitals',
    encode: (receipt) =>
      plain(appendixB(receipt).replace(/^id:\d+/, `id:000${receipt.id.toString(16).toUpperCase()}`)),
    options: { receiptIdBase: 'hex', submitIdBase: 'decimal' },
  },
  {
    name: 'patterns',
    encode: ({ id, word, error, done, text }) => plain(`#${String(id)}|${done}|${word}|${error}|${text}`),
    options: {
      patterns: {
        id: '^#(\\d+)\\|',
        doneDate: '^#\\d+\\|(\\d+)\\|',
        state: '^#\\d+\\|\\d+\\|(\\w+)\\|',
        error: '^#\\d+\\|\\d+\\|\\w+\\|(\\w+)\\|',
      },
    },
  },
];

describe('the reader of receipts', () => {
  it.each(ENCODERS)('reads what is written as $name', ({ encode, options, without }) => {
    const dialect = receiptDialect({ timeZone: 'UTC', ...options });
    fc.assert(
      fc.property(written, (receipt) => {
        const { id, word, error, done } = receipt;
        const [year, month, day, hour, minute] = done.match(/\d\d/g) ?? [];
        const inText = {
          networkError: error,
          doneDate: done,
          doneAt: `20${String(year)}-${String(month)}-${String(day)}T${String(hour)}:${String(minute)}:00.000Z`,
        };
        expect(readDeliveryReceipt(receiptPdu(encode(receipt)), dialect)).toMatchObject({
          isReceipt: true,
          smscMessageId: String(id),
          state: STATES[word].state,
          ...(without === 'text' ? { networkError: null, doneDate: null, doneAt: null } : inText),
        });
      }),
    );
  });

  it('never throws and never keeps control characters, whatever the octets and the settings', () => {
    const settings = fc.constantFrom<ReceiptOptions>(
      {},
      { source: 'text', receiptIdBase: 'hex', timeZone: 'Europe/Berlin' },
      { source: 'tlv', receiptIdBase: 'decimal', timeZone: '-03:30' },
      {
        patterns: { id: '(\\d+)', state: '[a-z]+', error: 'err(.)?', doneDate: '\\d{10,16}' },
        timeZone: 'UTC',
      },
    );
    const label = fc.constantFrom('id:', 'stat:', 'err:', 'done date:', 'Text:', ':', 'submit date:26');
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((octets) => Buffer.from(octets)),
      label.map((text) => Buffer.from(text)),
    );
    const octets = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces));
    fc.assert(
      fc.property(
        octets,
        fc.boolean(),
        fc.constantFrom(4, 0x20, 0x44),
        settings,
        (body, isData, esm, options) => {
          // Three empty strings and what stands between, then whatever: a message that can be read.
          const mandatory = isData
            ? Buffer.from([0, 1, 1, 0, 1, 1, 0, esm, 0, 0])
            : Buffer.from([0, 1, 1, 0, 1, 1, 0, esm, 0, 0, 0, 0, 0, 0, 0, 0, Math.min(body.length, 254)]);
          const pdu = Buffer.concat([Buffer.alloc(16), mandatory, body]);
          pdu.writeUInt32BE(isData ? COMMAND_ID.data_sm : COMMAND_ID.deliver_sm, 4);
          const read = readDeliverSm(pdu, 0, pdu.length);
          if (!(read instanceof DeliverSm)) throw new Error('not readable');
          const receipt = readDeliveryReceipt(read, receiptDialect(options));
          if (!receipt.isReceipt) throw new Error('not a receipt');
          // eslint-disable-next-line no-control-regex -- they are what must not be there
          expect(`${receipt.raw}${receipt.smscMessageId ?? ''}`).not.toMatch(/[\u0000-\u001f]/);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
