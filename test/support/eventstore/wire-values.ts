// Values as they stand on the wire of EventStoreDB.
import shared from '@eventstore/db-client/generated/shared_pb.js';

/** Names travel as octets; what is given as a string is taken for base64. */
export function identifier(stream: string): shared.StreamIdentifier {
  return new shared.StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8').toString('base64'));
}

export function nameOf(wire: shared.StreamIdentifier | undefined): string {
  return Buffer.from(wire?.getStreamName_asU8() ?? []).toString('utf8');
}

export function uuidOf(wire: shared.UUID | undefined): string {
  const structured = wire?.getStructured();
  if (structured === undefined) return wire?.getString() ?? '';
  const halves = [structured.getMostSignificantBits(), structured.getLeastSignificantBits()];
  const hex = halves.map((half) => BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
