// What an SMSC may be asked about a message it has: query_sm, cancel_sm, replace_sm (SMPP 3.4 §4.8 to
// §4.10). An ask shares window, sequence numbers and response timeout with the submits, and like
// them it ends exactly once. Rare beside submits, so npm `smpp` writes its octets.
import { encodePdu } from '../link.js';
import { isAsciiText } from '../pdu/ascii.js';
import { COMMAND_ID, RESPONSE_BIT } from '../pdu/command-id.js';
import { STATUS } from '../pdu/command-status.js';
import { UnsendablePduError } from '../smpp.errors.js';

/** Exactly as the submit had it: the SMSC compares it (§4.8, §4.9, §4.10). */
export interface AskedAddress {
  readonly ton: number;
  readonly npi: number;
  readonly address: string;
}

interface AboutMessage {
  /** Never empty: a NULL message_id in cancel_sm cancels everything between the addresses (§4.9). */
  readonly smscMessageId: string;
  readonly source: AskedAddress;
}

export type AskRequest =
  | (AboutMessage & { readonly command: 'query_sm' })
  | (AboutMessage & { readonly command: 'cancel_sm'; readonly destination: AskedAddress })
  | (AboutMessage & {
      readonly command: 'replace_sm';
      readonly registeredDelivery: number;
      /** At most 254 octets, in the data_coding of the submit: replace_sm has no field for another. */
      readonly shortMessage: Buffer;
    });

export type AskEnd =
  | {
      /** The command's own response, or generic_nack, whose status is then never ESME_ROK. */
      readonly end: 'answered';
      readonly commandStatus: number;
      /** The whole response, a copy. */
      readonly pdu: Buffer;
    }
  | {
      /** No answer: the SMSC may have done it. */
      readonly end: 'timed-out' | 'link-lost';
    }
  | {
      /** Nothing of it left: no session, no room, or a field that does not fit. */
      readonly end: 'not-sent';
      readonly detail: string;
    };

const MAX_MESSAGE_ID = 64;
const MAX_ADDRESS = 20;
const MAX_SHORT_MESSAGE_OCTETS = 254;

/** One ask in the window. */
export class Ask {
  readonly responseId: number;

  constructor(
    readonly request: AskRequest,
    /** Called exactly once; must not throw. */
    readonly ended: (end: AskEnd) => void,
  ) {
    this.responseId = RESPONSE_BIT + COMMAND_ID[request.command];
  }
}

/** @throws UnsendablePduError when a field does not fit. */
export function encodeAsk(request: AskRequest, sequenceNumber: number): Buffer {
  const { command, smscMessageId, source } = request;
  if (smscMessageId === '') {
    throw unsendable(STATUS.ESME_RINVMSGID, command, 'message_id', 'is empty: it would mean every message');
  }
  checkText(command, 'message_id', smscMessageId, MAX_MESSAGE_ID, STATUS.ESME_RINVMSGID);
  checkText(command, 'source_addr', source.address, MAX_ADDRESS, STATUS.ESME_RINVSRCADR);
  return encodePdu(command, sequenceNumber, {
    message_id: smscMessageId,
    source_addr_ton: source.ton,
    source_addr_npi: source.npi,
    source_addr: source.address,
    ...ownFields(request),
  });
}

function ownFields(request: AskRequest): Readonly<Record<string, unknown>> {
  switch (request.command) {
    case 'query_sm':
      return {};
    case 'cancel_sm': {
      const { ton, npi, address } = request.destination;
      checkText('cancel_sm', 'destination_addr', address, MAX_ADDRESS, STATUS.ESME_RINVDSTADR);
      return { dest_addr_ton: ton, dest_addr_npi: npi, destination_addr: address };
    }
    case 'replace_sm': {
      const { length } = request.shortMessage;
      if (length > MAX_SHORT_MESSAGE_OCTETS) {
        const problem = `has ${String(length)} octets, 254 at most: shorten the text`;
        throw unsendable(STATUS.ESME_RINVMSGLEN, 'replace_sm', 'short_message', problem);
      }
      return {
        registered_delivery: request.registeredDelivery,
        // The package would write a string by a guessed alphabet; octets it takes as they are.
        short_message: request.shortMessage,
      };
    }
  }
}

function checkText(command: string, field: string, text: string, max: number, commandStatus: number): void {
  if (text.length > max) {
    const problem = `has ${String(text.length)} characters, ${String(max)} at most`;
    throw unsendable(commandStatus, command, field, problem);
  }
  if (!isAsciiText(text)) {
    throw unsendable(commandStatus, command, field, 'holds a character that is not ASCII');
  }
}

function unsendable(
  commandStatus: number,
  command: string,
  field: string,
  problem: string,
): UnsendablePduError {
  return new UnsendablePduError(commandStatus, `${command} ${field} ${problem}`);
}
