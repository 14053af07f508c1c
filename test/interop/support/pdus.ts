// PDUs that no stack would send by itself, in hexadecimal.

/** SMPP 3.4 §5.1.2.1 reserves this command_id: nobody can know it. */
const UNKNOWN_COMMAND = 0x00000abc;
const GENERIC_NACK = 0x80000000;

export const ESME_RINVCMDLEN = 0x02;
export const ESME_RINVCMDID = 0x03;

export function unknownRequest(sequence: number): string {
  return header(UNKNOWN_COMMAND, 0, sequence);
}

export function genericNack(sequence: number): string {
  return header(GENERIC_NACK, ESME_RINVCMDID, sequence);
}

/** Cannot be read as anything: its command_length is beyond all bounds. */
export const GARBAGE = 'fe'.repeat(500);

function header(commandId: number, status: number, sequence: number): string {
  const octets = Buffer.alloc(16);
  for (const [index, value] of [16, commandId, status, sequence].entries())
    octets.writeUInt32BE(value, index * 4);
  return octets.toString('hex');
}
