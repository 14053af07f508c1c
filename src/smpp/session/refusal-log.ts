// Tells of what was refused by either side, so that a person can find out why: at warn bounded, rare and without
// anything personal; the octets themselves at debug.
import type { Logger } from 'pino';
import { HEADER_OCTETS } from '../pdu/command-id.js';
import { STANDARD_STATUSES } from '../pdu/command-status.js';
import { headerHex, looksLike } from '../pdu/excerpt.js';
import type { FramingFault } from '../pdu/framer.js';

/** Lines a session may log about PDUs it refused: at full speed an SMSC could fill a disk. A guess. */
const MAX_DELIVERS_TOLD = 10;
const MAX_BLAMES_TOLD = 10;

/** Debug shows this much of a body: the addresses and the start of a text. */
const MAX_BODY_OCTETS = 48;

export class RefusalLog {
  private told = 0;
  private blamesTold = 0;

  constructor(private readonly log: Pick<Logger, 'debug' | 'warn'>) {}

  deliver(pdu: Buffer, commandStatus: number): void {
    if (this.told === MAX_DELIVERS_TOLD) return;
    this.told++;
    const isLast = this.told === MAX_DELIVERS_TOLD;
    this.log.warn(
      { status: STANDARD_STATUSES.meaningOf(commandStatus).name, octets: pdu.length, header: headerHex(pdu) },
      `refused a deliver_sm${isLast ? '; further ones of this session are only counted' : ''}`,
    );
    const body = pdu.toString('hex', HEADER_OCTETS, HEADER_OCTETS + MAX_BODY_OCTETS);
    this.log.debug({ body }, 'the body of the refused deliver_sm begins like this');
  }

  /** An answer of the SMSC blames the session. A flood of nacks goes on after the session was given up. */
  blame(answer: object, meaning: string): void {
    if (this.blamesTold === MAX_BLAMES_TOLD) return;
    this.blamesTold++;
    const isLast = this.blamesTold === MAX_BLAMES_TOLD;
    this.log.warn(
      answer,
      `an answer blames the session: ${meaning}${isLast ? '; further ones of this session are not told' : ''}`,
    );
  }

  /** Says it, and returns why in words. */
  stream({ commandLength, excerpt }: FramingFault): string {
    const why = `command_length ${String(commandLength)} is out of bounds (${looksLike(excerpt)})`;
    this.log.warn({ commandLength, header: headerHex(excerpt) }, `gave the stream up: ${why}`);
    this.log.debug({ octets: excerpt.toString('hex') }, 'the stream that was given up goes on like this');
    return why;
  }
}
