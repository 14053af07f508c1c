// The only importer of npm `smpp`, which serves as codec for rare PDUs and as the oracle that the
// codec of pdu/ is tested against. Its Session must never be used: it goes deaf on one bad PDU
// and, reconnecting over TLS, sends the password in clear (reproduced with 0.5.1).
import smpp from 'smpp';

export interface LinkPdu {
  readonly command: string;
  readonly commandStatus: number;
  readonly sequenceNumber: number;
  /** The decoded fields and TLVs under their names in the specification. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Encodes any PDU. Text in `fields` must be ASCII; short_message must be a Buffer, because a
 * string would be sent with a guessed data_coding.
 * @throws RangeError or TypeError when a field does not fit; a mistake of the caller.
 */
export function encodePdu(
  command: string,
  sequenceNumber: number,
  fields: Readonly<Record<string, unknown>> = {},
): Buffer {
  return new smpp.PDU(command, { ...fields, sequence_number: sequenceNumber }).toBuffer();
}

/** Decodes one whole PDU; null when the package does not know it or breaks on it. */
export function decodePdu(octets: Buffer): LinkPdu | null {
  try {
    const pdu = new smpp.PDU(octets);
    if (pdu.command === 'unknown') return null;
    return {
      command: pdu.command,
      commandStatus: pdu.command_status,
      sequenceNumber: pdu.sequence_number,
      fields: pdu,
    };
  } catch {
    // It throws on truncated fields; the caller answers as to any PDU it cannot read.
    return null;
  }
}

/** command_status names and codes as the package lists them. */
export const packageStatusCodes: Readonly<Record<string, number>> = smpp.errors;
