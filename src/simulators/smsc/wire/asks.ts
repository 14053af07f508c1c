// Reads query_sm, cancel_sm and replace_sm (SMPP 3.4 §4.8.1, §4.9.1, §4.10.1) strictly.
import { CommandId, CommandStatus, HEADER_OCTETS, statusName } from './pdu.js';

export interface ReadAsk {
  /** Empty: NULL. */
  readonly messageId: string;
  readonly source: string;
  /** Of cancel_sm; otherwise empty. */
  readonly destination: string;
  /** Of replace_sm; otherwise empty. */
  readonly shortMessage: Buffer;
}

const MESSAGE_ID_OCTETS = 65;
const SERVICE_TYPE_OCTETS = 6;
const ADDRESS_OCTETS = 21;
const TIME_OCTETS = 17;
const MAX_SHORT_MESSAGE_OCTETS = 254;

/** Thrown and caught in here: what is wrong with the PDU. */
class Fault extends Error {
  constructor(readonly status: number) {
    super(statusName(status));
  }
}

class Body {
  constructor(
    private readonly buffer: Buffer,
    private at: number,
    private readonly end: number,
  ) {}

  text(maxOctets: number, status: number): string {
    const stop = this.buffer.indexOf(0, this.at);
    if (stop < 0 || stop >= this.end || stop >= this.at + maxOctets) throw new Fault(status);
    const text = this.buffer.toString('latin1', this.at, stop);
    this.at = stop + 1;
    return text;
  }

  octet(): number {
    if (this.at >= this.end) throw new Fault(CommandStatus.ESME_RINVCMDLEN);
    return this.buffer.readUInt8(this.at++);
  }

  octets(count: number): Buffer {
    if (this.at + count > this.end) throw new Fault(CommandStatus.ESME_RINVCMDLEN);
    this.at += count;
    return Buffer.from(this.buffer.subarray(this.at - count, this.at));
  }

  /** ton, npi and address. */
  address(status: number): string {
    this.octet();
    this.octet();
    return this.text(ADDRESS_OCTETS, status);
  }
}

/** The fields, or the command_status that says what is wrong. */
export function readAsk(commandId: number, buffer: Buffer, start: number, end: number): ReadAsk | number {
  try {
    return read(commandId, new Body(buffer, start + HEADER_OCTETS, end));
  } catch (error) {
    if (error instanceof Fault) return error.status;
    throw error;
  }
}

function read(commandId: number, body: Body): ReadAsk {
  const isCancel = commandId === CommandId.CANCEL_SM;
  if (isCancel) body.text(SERVICE_TYPE_OCTETS, CommandStatus.ESME_RINVSERTYP);
  const messageId = body.text(MESSAGE_ID_OCTETS, CommandStatus.ESME_RINVMSGID);
  const source = body.address(CommandStatus.ESME_RINVSRCADR);
  const destination = isCancel ? body.address(CommandStatus.ESME_RINVDSTADR) : '';
  const ask = { messageId, source, destination };
  if (commandId !== CommandId.REPLACE_SM) return { ...ask, shortMessage: Buffer.alloc(0) };
  body.text(TIME_OCTETS, CommandStatus.ESME_RINVSCHED);
  body.text(TIME_OCTETS, CommandStatus.ESME_RINVEXPIRY);
  body.octet(); // registered_delivery
  body.octet(); // sm_default_msg_id
  const length = body.octet();
  if (length > MAX_SHORT_MESSAGE_OCTETS) throw new Fault(CommandStatus.ESME_RINVMSGLEN);
  return { ...ask, shortMessage: body.octets(length) };
}
