// What a receipt's state means: the number of message_state, or the word behind `stat:`.
import type { ReceiptState } from '../../message/message.events.js';

// SMPP 3.4 §5.2.28; 0 and 9 are of SMPP 5.0 §4.7.15: SCHEDULED still waits, SKIPPED is final.
const WORD_BY_NUMBER: readonly string[] = [
  'SCHEDULED',
  'ENROUTE',
  'DELIVRD',
  'EXPIRED',
  'DELETED',
  'UNDELIV',
  'ACCEPTD',
  'UNKNOWN',
  'REJECTD',
  'SKIPPED',
];

// Appendix B, the words that Kannel knows (ACKED, BUFFRED, BUFFERD), the unshortened ones, and
// CDYNE's, which has a blank in it: the carrier has it, not the phone.
const STATE_BY_WORD: ReadonlyMap<string, ReceiptState> = new Map<string, ReceiptState>([
  ['DELIVRD', 'delivered'],
  ['DELIVERED', 'delivered'],
  ['DELIVERED TO', 'accepted'],
  ['EXPIRED', 'expired'],
  ['DELETED', 'deleted'],
  ['UNDELIV', 'undeliverable'],
  ['UNDELIVERABLE', 'undeliverable'],
  ['UNDELIVERED', 'undeliverable'],
  ['SKIPPED', 'undeliverable'],
  ['ACCEPTD', 'accepted'],
  ['ACCEPTED', 'accepted'],
  ['UNKNOWN', 'unknown'],
  ['REJECTD', 'rejected'],
  ['REJECTED', 'rejected'],
  ['ENROUTE', 'enroute'],
  ['ACKED', 'enroute'],
  ['BUFFRED', 'enroute'],
  ['BUFFERD', 'enroute'],
  ['BUFFERED', 'enroute'],
  ['SCHEDULED', 'enroute'],
]);

export class ReceiptStates {
  private readonly byWord: ReadonlyMap<string, ReceiptState>;
  private readonly byNumber = new Map<number, ReceiptState>();

  /** @param overrides by word, which holds for its message_state too, or by number for a vendor's own */
  constructor(overrides: Readonly<Record<string, ReceiptState>> = {}) {
    const byWord = new Map(STATE_BY_WORD);
    WORD_BY_NUMBER.forEach((word, number) => {
      const state = overrides[word] ?? byWord.get(word);
      if (state !== undefined) this.byNumber.set(number, state);
    });
    for (const [key, state] of Object.entries(overrides)) {
      if (/^\d+$/.test(key)) this.byNumber.set(Number(key), state);
      else byWord.set(key.toUpperCase(), state);
    }
    this.byWord = byWord;
  }

  ofNumber(number: number): ReceiptState | null {
    return this.byNumber.get(number) ?? null;
  }

  /** Two words that mean something together outrank the first alone. */
  ofWords(first: string | null, second: string | null): ReceiptState | null {
    if (first === null) return null;
    const word = first.toUpperCase();
    const together = second === null ? undefined : this.byWord.get(`${word} ${second.toUpperCase()}`);
    return together ?? this.byWord.get(word) ?? null;
  }
}
