// Recognises a message that was accepted before, also when no ledger is kept: a 63-bit
// fingerprint per message in an open-addressing table of two 32-bit words a slot.
// That any two of a million different messages share a fingerprint has probability 5 in 10^8.

/** 2 MB, good for the first 150,000 messages. */
const INITIAL_SLOTS = 1 << 18;
/** Linear probing stays short below this share. A million entries then take 16 MB. */
const MAX_LOAD = 0.6;

const LANE_A = 0x9e3779b1;
const LANE_B = 0x85ebca6b;

export class SubmitFingerprints {
  private words = new Uint32Array(INITIAL_SLOTS * 2);
  private entries = 0;
  private high = 0;
  private low = 0;

  get size(): number {
    return this.entries;
  }

  /** Starts the fingerprint of the next message. */
  begin(): void {
    this.high = 0x243f6a88;
    this.low = 0x13198a2e;
  }

  /** Mixes in one field. Its length counts too, so that fields cannot run into each other. */
  mix(octets: Uint8Array, start: number, end: number): void {
    let high = this.high ^ (end - start);
    let low = Math.imul(this.low ^ (end - start), LANE_A);
    for (let at = start; at < end; at += 1) {
      const octet = octets[at] ?? 0;
      high = Math.imul(high ^ octet, LANE_A);
      high ^= high >>> 15;
      low = Math.imul(low ^ octet, LANE_B);
      low ^= low >>> 13;
    }
    this.high = high;
    this.low = low;
  }

  /** Ends the fingerprint and keeps it. False: the same message was here before. */
  add(): boolean {
    // A slot of two zeros is empty, so no fingerprint may be that.
    const high = avalanche(this.high ^ Math.imul(this.low, LANE_A)) | 1;
    const low = avalanche(this.low ^ Math.imul(this.high, LANE_B));
    if (this.entries + 1 > (this.words.length / 2) * MAX_LOAD) this.grow();
    const added = insert(this.words, high >>> 0, low >>> 0);
    if (added) this.entries += 1;
    return added;
  }

  clear(): void {
    this.words = new Uint32Array(INITIAL_SLOTS * 2);
    this.entries = 0;
  }

  private grow(): void {
    const old = this.words;
    this.words = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2) {
      const high = old[at] ?? 0;
      if (high !== 0) insert(this.words, high, old[at + 1] ?? 0);
    }
  }
}

function insert(words: Uint32Array, high: number, low: number): boolean {
  const mask = words.length / 2 - 1;
  for (let slot = low & mask; ; slot = (slot + 1) & mask) {
    const found = words[slot * 2];
    if (found === 0) {
      words[slot * 2] = high;
      words[slot * 2 + 1] = low;
      return true;
    }
    if (found === high && words[slot * 2 + 1] === low) return false;
  }
}

/** Spreads every input bit over the whole word (the finalizer of MurmurHash3, 32 bit). */
function avalanche(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
