// Cuts a stream of octets into PDUs. It never throws and never trusts command_length: a stream
// that breaks the bounds is given up for good, because nothing after that point can be aligned.
import { HEADER_OCTETS } from './command-id.js';

/** One whole PDU: octets[start, end). The Buffer is never written to again. Must not throw. */
export type TakePdu = (octets: Buffer, start: number, end: number) => void;

export interface FramingFault {
  readonly commandLength: number;
  /** What came from there on, command_length included: as much as had arrived, at most EXCERPT_OCTETS. */
  readonly excerpt: Buffer;
}

/** Enough to see a header and the start of a body, or what protocol it is instead. */
const EXCERPT_OCTETS = 64;

/** The largest message_payload is 65,535 octets (SMPP 3.4 §5.3.2.32); the rest is room for fields and TLVs. */
export const DEFAULT_MAX_PDU_OCTETS = 73_728;

const LENGTH_OCTETS = 4;

export class Framer {
  /** The PDU that has begun but not ended: its first `octetsHeld` octets. */
  private held = Buffer.alloc(0);
  private octetsHeld = 0;
  private fault: FramingFault | null = null;

  constructor(private readonly maxPduOctets = DEFAULT_MAX_PDU_OCTETS) {}

  /** Whether a PDU has begun and not yet ended. */
  get partial(): boolean {
    return this.octetsHeld > 0;
  }

  /** Octets of the PDU that has begun; never more than one PDU may have. */
  get heldOctets(): number {
    return this.octetsHeld;
  }

  /** Hands every PDU that `chunk` completes to `take`, in order; the fault when the stream is lost. */
  push(chunk: Buffer, take: TakePdu): FramingFault | null {
    if (this.fault !== null) return this.fault;
    let at = this.octetsHeld > 0 ? this.complete(chunk, take) : 0;
    while (this.isAligned() && chunk.length - at >= LENGTH_OCTETS) {
      const commandLength = chunk.readUInt32BE(at);
      if (!this.accepts(commandLength, chunk.subarray(at)) || chunk.length - at < commandLength) break;
      take(chunk, at, at + commandLength);
      at += commandLength;
    }
    if (this.isAligned() && at < chunk.length) this.hold(chunk, at);
    return this.fault;
  }

  private isAligned(): boolean {
    return this.fault === null;
  }

  private accepts(commandLength: number, ...octets: readonly Buffer[]): boolean {
    if (commandLength >= HEADER_OCTETS && commandLength <= this.maxPduOctets) return true;
    this.fault = { commandLength, excerpt: Buffer.concat(octets).subarray(0, EXCERPT_OCTETS) };
    return false;
  }

  /** Adds to the held PDU from the start of `chunk`; the number of octets used. */
  private complete(chunk: Buffer, take: TakePdu): number {
    let used = 0;
    if (this.octetsHeld < LENGTH_OCTETS) {
      used = chunk.copy(this.held, this.octetsHeld, 0, LENGTH_OCTETS - this.octetsHeld);
      this.octetsHeld += used;
      if (this.octetsHeld < LENGTH_OCTETS) return used;
      const commandLength = this.held.readUInt32BE(0);
      if (!this.accepts(commandLength, this.held, chunk.subarray(used))) return used;
      this.grow(commandLength);
    }
    const missing = this.held.length - this.octetsHeld;
    const added = chunk.copy(this.held, this.octetsHeld, used, used + missing);
    this.octetsHeld += added;
    if (this.octetsHeld === this.held.length) {
      this.octetsHeld = 0;
      take(this.held, 0, this.held.length);
    }
    return used + added;
  }

  private hold(chunk: Buffer, from: number): void {
    const octets = chunk.length - from;
    this.held = Buffer.allocUnsafe(octets < LENGTH_OCTETS ? LENGTH_OCTETS : chunk.readUInt32BE(from));
    this.octetsHeld = chunk.copy(this.held, 0, from);
  }

  private grow(toOctets: number): void {
    const grown = Buffer.allocUnsafe(toOctets);
    this.held.copy(grown, 0, 0, this.octetsHeld);
    this.held = grown;
  }
}
