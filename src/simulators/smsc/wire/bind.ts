// Reads the part of a bind PDU (SMPP 3.4 §4.1) that the simulator goes by: who, the password, and
// the version the ESME speaks.
import { CommandStatus, HEADER_OCTETS, INTERFACE_VERSION_3_4 } from './pdu.js';

/** §4.1.1, the closing NUL included. */
const SYSTEM_ID_OCTETS = 16;
/** §4.1.1 says 9; SMSCs commonly take more, and so does this one: "surereach" alone needs 10. */
const PASSWORD_OCTETS = 65;
/** §4.1.1. */
const SYSTEM_TYPE_OCTETS = 13;

export interface Bind {
  readonly systemId: string;
  readonly password: string;
  readonly interfaceVersion: number;
}

/** The credentials, or the command_status to refuse the PDU with. */
export function readBind(buffer: Buffer, start: number, end: number): Bind | number {
  const systemIdStart = start + HEADER_OCTETS;
  const systemIdEnd = endOfCString(buffer, systemIdStart, Math.min(end, systemIdStart + SYSTEM_ID_OCTETS));
  if (systemIdEnd < 0) return CommandStatus.ESME_RINVSYSID;
  const passwordStart = systemIdEnd + 1;
  const passwordEnd = endOfCString(buffer, passwordStart, Math.min(end, passwordStart + PASSWORD_OCTETS));
  if (passwordEnd < 0) return CommandStatus.ESME_RINVPASWD;
  return {
    systemId: buffer.toString('latin1', systemIdStart, systemIdEnd),
    password: buffer.toString('latin1', passwordStart, passwordEnd),
    interfaceVersion: readInterfaceVersion(buffer, passwordEnd + 1, end),
  };
}

/** A bind that ends before it, or has no end of system_type, counts as 3.4: nobody says 3.3 by accident. */
function readInterfaceVersion(buffer: Buffer, systemTypeStart: number, end: number): number {
  const at = endOfCString(buffer, systemTypeStart, Math.min(end, systemTypeStart + SYSTEM_TYPE_OCTETS)) + 1;
  return at > 0 && at < end ? buffer.readUInt8(at) : INTERFACE_VERSION_3_4;
}

function endOfCString(buffer: Buffer, start: number, limit: number): number {
  for (let at = start; at < limit; at += 1) if (buffer[at] === 0) return at;
  return -1;
}
