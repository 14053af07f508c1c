// A stream of octets made of PDUs, of PDUs with something wrong, and of things that are no SMPP at
// all; and the places where the network cuts it.
import fc from 'fast-check';
import type { PduRecipe } from './pdus.js';

export type Mutation =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'poke'; readonly at: number; readonly value: number }
  /** Octets are missing at the end, and command_length knows. */
  | { readonly kind: 'shorten'; readonly by: number }
  | { readonly kind: 'lengthen'; readonly by: Buffer }
  /** Octets are missing at the end, and command_length does not know. */
  | { readonly kind: 'truncate'; readonly by: number }
  | { readonly kind: 'command_length'; readonly value: number }
  | { readonly kind: 'command_id'; readonly value: number }
  | { readonly kind: 'without-nuls' }
  | { readonly kind: 'again'; readonly times: number };

export type Piece =
  { readonly pdu: PduRecipe; readonly mutations: readonly Mutation[] } | { readonly octets: Buffer };

/** command_length values that framers have been seen to trip over. */
const HOSTILE_LENGTHS = [
  0, 1, 2, 3, 4, 5, 8, 12, 15, 16, 17, 16_384, 16_385, 65_535, 65_536, 73_728, 73_729, 0x48545450, 0x7fffffff,
  0x80000000, 0xffffffff,
];

const NO_SMPP = [
  Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
  Buffer.from('GET / HTTP/1.1\r\nHost: smsc\r\n\r\n'),
  // A TLS 1.2 ClientHello's first octets, and an alert.
  Buffer.from('16030100c8010000c40303', 'hex'),
  Buffer.from('15030100020228', 'hex'),
  Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'),
  Buffer.alloc(40),
  Buffer.alloc(40, 0xff),
];

const position = fc.nat({ max: 400 });
const aligned: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: position, bit: fc.nat({ max: 7 }) }),
  fc.record({
    kind: fc.constant('poke' as const),
    at: position,
    value: fc.constantFrom(0, 0xff, 0x7f, 1, 0xfe),
  }),
  fc.record({ kind: fc.constant('shorten' as const), by: fc.nat({ max: 60 }) }),
  fc.record({
    kind: fc.constant('lengthen' as const),
    by: fc.uint8Array({ minLength: 1, maxLength: 40 }).map((octets) => Buffer.from(octets)),
  }),
  fc.record({
    kind: fc.constant('command_id' as const),
    value: fc.oneof(
      fc.constantFrom(0, 0x80000000, 0xffffffff, 4, 5),
      fc.integer({ min: 0, max: 0xffffffff }),
    ),
  }),
  fc.constant<Mutation>({ kind: 'without-nuls' }),
  fc.record({ kind: fc.constant('again' as const), times: fc.integer({ min: 1, max: 4 }) }),
);
const misaligned: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('truncate' as const), by: fc.integer({ min: 1, max: 60 }) }),
  fc.record({
    kind: fc.constant('command_length' as const),
    value: fc.oneof(fc.constantFrom(...HOSTILE_LENGTHS), fc.integer({ min: 0, max: 300 })),
  }),
);

export const mutationsOf: fc.Arbitrary<readonly Mutation[]> = fc.oneof(
  { weight: 12, arbitrary: fc.constant([]) },
  { weight: 7, arbitrary: fc.array(aligned, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.oneof(aligned, misaligned), { minLength: 1, maxLength: 2 }) },
);

export function pieces(pdus: fc.Arbitrary<PduRecipe>, maxLength: number): fc.Arbitrary<readonly Piece[]> {
  const piece: fc.Arbitrary<Piece> = fc.oneof(
    { weight: 60, arbitrary: fc.record({ pdu: pdus, mutations: mutationsOf }) },
    {
      weight: 1,
      arbitrary: fc
        .oneof(
          fc.constantFrom(...NO_SMPP),
          fc.uint8Array({ maxLength: 60 }).map((octets) => Buffer.from(octets)),
        )
        .map((octets) => ({ octets })),
    },
  );
  return fc.array(piece, { minLength: 1, maxLength });
}

/** Sizes of the chunks in turn; empty: everything at once. */
export const cuts: fc.Arbitrary<readonly number[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.constant([1]) },
  { weight: 3, arbitrary: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 }) },
);

export function mutate(pdu: Buffer, wrongs: readonly Mutation[]): Buffer {
  return wrongs.reduce(mutated, pdu);
}

function mutated(pdu: Buffer, mutation: Mutation): Buffer {
  const copy = Buffer.from(pdu);
  switch (mutation.kind) {
    case 'flip':
      return withOctet(copy, mutation.at, (octet) => octet ^ (1 << mutation.bit));
    case 'poke':
      return withOctet(copy, mutation.at, () => mutation.value);
    case 'shorten':
      return withLength(copy.subarray(0, Math.max(16, copy.length - mutation.by)));
    case 'lengthen':
      return withLength(Buffer.concat([copy, mutation.by]));
    case 'truncate':
      return copy.subarray(0, Math.max(1, copy.length - mutation.by));
    case 'command_length':
      return withUInt32(copy, 0, mutation.value);
    case 'command_id':
      return withUInt32(copy, 4, mutation.value);
    case 'without-nuls':
      return Buffer.from(copy.map((octet, at) => (at >= 16 && octet === 0 ? 0x41 : octet)));
    case 'again':
      return Buffer.concat(Array.from({ length: mutation.times + 1 }, () => copy));
  }
}

/** Changes one octet behind command_length, so that the stream stays aligned. */
function withOctet(pdu: Buffer, at: number, change: (octet: number) => number): Buffer {
  if (pdu.length <= 4) return pdu;
  const place = 4 + (at % (pdu.length - 4));
  pdu.writeUInt8(change(pdu.readUInt8(place)) & 0xff, place);
  return pdu;
}

function withLength(pdu: Buffer): Buffer {
  return withUInt32(pdu, 0, pdu.length);
}

function withUInt32(pdu: Buffer, at: number, value: number): Buffer {
  if (pdu.length >= at + 4) pdu.writeUInt32BE(value >>> 0, at);
  return pdu;
}

export function inChunks(stream: Buffer, sizes: readonly number[]): readonly Buffer[] {
  if (sizes.length === 0) return stream.length === 0 ? [] : [stream];
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(stream.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
