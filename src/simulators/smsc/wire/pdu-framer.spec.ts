import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PduFramer } from './pdu-framer.js';
import { MAX_PDU_OCTETS } from './pdu.js';

function pduOf(octets: number, fill: number): Buffer {
  const pdu = Buffer.alloc(octets, fill);
  pdu.writeUInt32BE(octets, 0);
  return pdu;
}

function framing(): { framer: PduFramer; seen: Buffer[] } {
  const seen: Buffer[] = [];
  const framer = new PduFramer({
    pdu: (buffer, start, end) => seen.push(Buffer.from(buffer.subarray(start, end))),
  });
  return { framer, seen };
}

describe('PduFramer', () => {
  it('hands over the same PDUs however the stream is cut', () => {
    const pdus = fc.array(fc.tuple(fc.integer({ min: 16, max: 400 }), fc.integer({ min: 0, max: 255 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(pdus, fc.array(fc.nat({ max: 3000 }), { maxLength: 20 }), (shapes, cuts) => {
        const sent = shapes.map(([octets, fill]) => pduOf(octets, fill));
        const stream = Buffer.concat(sent);
        const edges = [0, ...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort(
          (a, b) => a - b,
        );
        const { framer, seen } = framing();
        for (const [nth, edge] of edges.entries()) {
          expect(framer.push(stream.subarray(edge, edges[nth + 1] ?? stream.length))).toBe(true);
        }
        expect(Buffer.concat(seen).equals(stream)).toBe(true);
        expect(seen.length).toBe(sent.length);
      }),
    );
  });

  it.each([0, 4, 15, MAX_PDU_OCTETS + 1, 0xffffffff, 0x48545450])(
    'says that a command_length of %i cannot be',
    (length) => {
      const { framer, seen } = framing();
      const header = Buffer.alloc(16);
      header.writeUInt32BE(length, 0);
      expect(framer.push(header)).toBe(false);
      expect(seen).toEqual([]);
    },
  );

  it('keeps its own copy of an unfinished PDU', () => {
    const { framer, seen } = framing();
    const pdu = pduOf(20, 7);
    const first = Buffer.from(pdu.subarray(0, 18));
    framer.push(first);
    first.fill(0xff);
    framer.push(pdu.subarray(18));
    expect(seen[0]?.equals(pdu)).toBe(true);
  });
});
