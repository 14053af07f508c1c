import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConnectorOptionError } from '../smpp.errors.js';
import { normaliseId } from './receipt-id.js';
import { normaliseSubmitId, receiptDialect, type ReceiptOptions } from './receipt-options.js';
import { SmscTime } from './receipt-time.js';

describe('an SMSC id', () => {
  it('is the same in every way of writing the same number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 250n }), fc.nat({ max: 9 }), (id, zeros) => {
        const padded = (text: string): string => text.padStart(text.length + zeros, '0');
        const hex = id.toString(16);
        for (const text of [hex, hex.toUpperCase(), padded(hex), `0x${hex}`]) {
          expect(normaliseId('hex', text)).toBe(id.toString());
        }
        expect(normaliseId('decimal', padded(id.toString()))).toBe(id.toString());
      }),
    );
  });

  it('stays what it was without a base, and normalising twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 64 }), (id) => {
        expect(normaliseId('raw', id)).toBe(id);
        expect(normaliseId('decimal', normaliseId('decimal', id))).toBe(normaliseId('decimal', id));
      }),
    );
    expect(normaliseSubmitId(undefined, '00AB')).toBe('00AB');
    expect(normaliseSubmitId({}, '00AB')).toBe('00AB');
    expect(normaliseSubmitId({ submitIdBase: 'hex' }, '')).toBe('');
  });
});

describe('a date of the SMSC', () => {
  it.each([
    {
      zone: 'Europe/Berlin',
      written: '2610250230',
      instant: '2026-10-25T00:30:00.000Z',
      why: 'an hour that comes twice: its first',
    },
    {
      zone: 'Europe/Berlin',
      written: '2603290230',
      instant: '2026-03-29T01:30:00.000Z',
      why: 'an hour that is left out',
    },
    {
      zone: 'Europe/Berlin',
      written: '2603290330',
      instant: '2026-03-29T01:30:00.000Z',
      why: 'the first after it',
    },
    {
      zone: 'America/New_York',
      written: '2611010130',
      instant: '2026-11-01T05:30:00.000Z',
      why: 'the west too',
    },
    {
      zone: 'Asia/Kathmandu',
      written: '2601010000',
      instant: '2025-12-31T18:15:00.000Z',
      why: 'quarter hours',
    },
    {
      zone: '-03:30',
      written: '2601010000',
      instant: '2026-01-01T03:30:00.000Z',
      why: 'a fixed offset to the west',
    },
    { zone: 'UTC', written: '3801010000', instant: '1938-01-01T00:00:00.000Z', why: 'the rollover' },
    {
      zone: null,
      written: '261121014105012-',
      instant: '2026-11-21T04:41:05.000Z',
      why: 'an absolute time needs no zone',
    },
  ])('in $zone, $written is $instant: $why', ({ zone, written, instant }) => {
    expect(new SmscTime(zone, 38).instantOf(written)).toBe(instant);
  });

  it.each([
    '',
    '26',
    '2613010000',
    '2602300000',
    '2601012460',
    'yesterday',
    '26112101410',
    '261121014105012R',
  ])('that is none stays without an instant: %j', (written) => {
    expect(new SmscTime('UTC', 38).instantOf(written)).toBeNull();
  });

  it('without a zone stays without an instant', () => {
    expect(new SmscTime(null, 38).instantOf('2611210141')).toBeNull();
  });

  it('in UTC is what it says, however many different ones are asked about', () => {
    const time = new SmscTime('Etc/UTC', 38);
    for (let day = 0; day < 3_000; day++) {
      const instant = new Date(Date.UTC(2020, 0, 1 + day, day % 24, day % 60)).toISOString();
      const written = instant.replace(/\D/g, '').slice(2, 12);
      expect(time.instantOf(written)).toBe(instant);
    }
  });
});

describe('receipt settings that cannot work', () => {
  it.each<[string, ReceiptOptions]>([
    ['timeZone', { timeZone: 'Mars/Olympus' }],
    ['patterns.id', { patterns: { id: '(' } }],
    ['centuryPivot', { centuryPivot: 101 }],
  ])('are refused by name: %s', (name, options) => {
    expect(() => receiptDialect(options)).toThrow(ConnectorOptionError);
    expect(() => receiptDialect(options)).toThrow(`receipts.${name}`);
  });
});
