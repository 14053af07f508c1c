import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type FramingFault, Framer } from './framer.js';

interface Framed {
  readonly pdus: readonly string[];
  readonly fault: FramingFault | null;
}

function frame(chunks: readonly Buffer[], framer = new Framer()): Framed {
  const pdus: string[] = [];
  let fault: FramingFault | null = null;
  for (const chunk of chunks) {
    fault = framer.push(chunk, (octets, start, end) => pdus.push(octets.toString('hex', start, end)));
  }
  return { pdus, fault };
}

function pduOf(body: Uint8Array): Buffer {
  const pdu = Buffer.alloc(16 + body.length, 0x11);
  pdu.writeUInt32BE(pdu.length, 0);
  pdu.set(body, 16);
  return pdu;
}

function cut(stream: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let at = 0;
  for (let turn = 0; at < stream.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(stream.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 });
const chunkSizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 });

describe('Framer', () => {
  it('gives the same PDUs however the stream is cut', () => {
    fc.assert(
      fc.property(bodies, chunkSizes, (contents, sizes) => {
        const pdus = contents.map(pduOf);
        const framed = frame(cut(Buffer.concat(pdus), sizes));
        expect(framed).toEqual({ pdus: pdus.map((pdu) => pdu.toString('hex')), fault: null });
      }),
    );
  });

  it('gives the same PDUs when every chunk is one octet', () => {
    const pdus = [pduOf(Buffer.from('a')), pduOf(Buffer.alloc(0)), pduOf(Buffer.alloc(500, 7))];
    const framed = frame(cut(Buffer.concat(pdus), [1]));
    expect(framed.pdus).toEqual(pdus.map((pdu) => pdu.toString('hex')));
  });

  it('says whether a PDU has begun and not ended', () => {
    const framer = new Framer();
    const pdu = pduOf(Buffer.from('body'));
    frame([pdu.subarray(0, 3)], framer);
    expect(framer.partial).toBe(true);
    frame([pdu.subarray(3)], framer);
    expect(framer.partial).toBe(false);
  });

  it('does not write into a PDU it has handed over', () => {
    const framer = new Framer();
    const first = pduOf(Buffer.from('first'));
    const seen: Buffer[] = [];
    const keep = (octets: Buffer, start: number, end: number): void =>
      void seen.push(octets.subarray(start, end));
    for (const chunk of cut(Buffer.concat([first, pduOf(Buffer.from('later'))]), [7]))
      framer.push(chunk, keep);
    expect(seen[0]).toEqual(first);
  });

  it.each([0, 4, 15, 73_729, 0xffffffff, 1_213_486_160])(
    'gives a stream up at command_length %d',
    (commandLength) => {
      const header = Buffer.alloc(16);
      header.writeUInt32BE(commandLength, 0);
      const good = pduOf(Buffer.from('before'));
      for (const sizes of [[500], [1], [3]]) {
        const framer = new Framer();
        const framed = frame(cut(Buffer.concat([good, header]), sizes), framer);
        expect(framed).toMatchObject({ pdus: [good.toString('hex')], fault: { commandLength } });
        expect(frame([good], framer)).toMatchObject({ pdus: [], fault: { commandLength } });
      }
    },
  );

  it('shows what came instead of a PDU, wherever the stream was cut, and no more of it than needed', () => {
    const good = pduOf(Buffer.from('before'));
    const answer = Buffer.from(`HTTP/1.1 400 Bad Request\r\n${'x'.repeat(500)}`);
    const excerptOf = (sizes: readonly number[]): string | undefined =>
      frame(cut(Buffer.concat([good, answer]), sizes)).fault?.excerpt.toString('latin1');
    expect(excerptOf([1000])).toBe(answer.toString('latin1', 0, 64));
    expect(excerptOf([good.length + 2, 100])).toBe(answer.toString('latin1', 0, 64));
    expect(excerptOf([1])).toBe('HTTP');
  });

  it('survives arbitrary octets', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
        const octets = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        const framed = frame(chunks.map((chunk) => Buffer.from(chunk)));
        expect(framed.pdus.reduce((sum, pdu) => sum + pdu.length / 2, 0)).toBeLessThanOrEqual(octets);
      }),
    );
  });
});
