// The framer against any stream, cut anywhere: it gives what a reading of the whole stream gives,
// gives up where that does, holds no more than one PDU, and never throws.
import fc from 'fast-check';
import { Framer } from '../../../src/smpp/pdu/framer.js';
import { cutStream } from '../peer/octets.js';
import { cook, smscPdu } from '../peer/pdus.js';
import { cuts, inChunks, mutate, type Piece, pieces } from '../peer/streams.js';
import { type FuzzTarget, must } from '../target.js';

/** A small bound is met more often than the real one. */
const bounds = fc.constantFrom(16, 64, 200, 16_384, 73_728);

function streamOf(list: readonly Piece[]): Buffer {
  return Buffer.concat(
    list.map((piece) =>
      'octets' in piece
        ? piece.octets
        : mutate(
            cook(piece.pdu, piece.pdu.sequence.of === 'literal' ? piece.pdu.sequence.value : 1),
            piece.mutations,
          ),
    ),
  );
}

function check(list: readonly Piece[], sizes: readonly number[], maxPduOctets: number): void {
  const stream = streamOf(list);
  const expected = cutStream(stream, maxPduOctets);
  const framer = new Framer(maxPduOctets);
  const taken: string[] = [];
  let badLength: number | null = null;
  for (const chunk of inChunks(stream, sizes)) {
    badLength =
      framer.push(chunk, (octets, start, end) => taken.push(octets.toString('hex', start, end)))
        ?.commandLength ?? null;
    must(
      framer.heldOctets <= maxPduOctets,
      () => `the framer holds ${framer.heldOctets} of ${maxPduOctets} octets`,
    );
  }
  must(
    badLength === expected.badLength,
    () => `gave up at ${String(badLength)}, not at ${String(expected.badLength)}`,
  );
  const wanted = expected.pdus.map((pdu) => pdu.toString('hex'));
  must(wanted.join() === taken.join(), () => `took ${taken.join()} instead of ${wanted.join()}`);
  if (badLength === null) {
    must(framer.partial === expected.rest.length > 0, () => 'a PDU has begun and the framer does not say so');
  }
}

export const framerTarget: FuzzTarget = {
  name: 'framer',
  input: 'a stream of up to 4 PDUs, cut anywhere',
  share: 0.3,
  property: () => fc.property(pieces(smscPdu, 4), cuts, bounds, check),
};
