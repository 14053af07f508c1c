// Finds the fields in a receipt's text. The form is "vendor specific" by the specification's own word
// (SMPP 3.4 Appendix B), so every label stands alone and none is required. What follows `text:` is
// what a person wrote: never parsed, never kept.
import type { ReceiptState } from '../../message/message.events.js';
import type { ReceiptDialect } from './receipt-options.js';
import type { ReceiptStates } from './receipt-state.js';
import { MAX_MESSAGE_ID } from './submit-sm.js';

export interface ReceiptText {
  id: string | null;
  state: ReceiptState | null;
  error: string | null;
  doneDate: string | null;
  /** What was read, up to the person's text. */
  raw: string;
}

type Label = 'id' | 'sub' | 'dlvrd' | 'submit date' | 'done date' | 'stat' | 'err' | 'text';

/** Labels by their last letter, longest first; the index is the letter's place in the alphabet. */
const LABELS_BY_LAST_LETTER: readonly (readonly Label[] | undefined)[] = Object.assign([], {
  [0x02]: ['sub'],
  [0x04]: ['dlvrd', 'id'],
  [0x05]: ['submit date', 'done date'],
  [0x12]: ['err'],
  [0x14]: ['stat', 'text'],
});

/** What patterns find, and labels for the rest. */
export function readReceiptText(
  whole: string,
  { patterns, states }: Pick<ReceiptDialect, 'patterns' | 'states'>,
): ReceiptText {
  const found: ReceiptText = { id: null, state: null, error: null, doneDate: null, raw: '' };
  const personStartsAt = readLabels(whole, found, states);
  if (patterns.size > 0) applyPatterns(whole.slice(0, personStartsAt), found, patterns, states);
  return found;
}

function applyPatterns(
  text: string,
  found: ReceiptText,
  patterns: ReceiptDialect['patterns'],
  states: ReceiptStates,
): void {
  const matches: string[] = [];
  for (const [field, pattern] of patterns) {
    const match = pattern.exec(text);
    const value = match === null ? '' : (match[1] ?? match[0]).trim();
    if (match !== null) matches.push(match[0].trim());
    if (field === 'state') found.state = stateIn(value, 0, value.length, states);
    else found[field] = value === '' ? null : value;
  }
  // Without labels nobody knows where the person's text begins: only what a pattern asked for is kept.
  if (found.raw === '') found.raw = printable(matches.join(' '));
}

/**
 * One pass over the colons: a label's value reaches to the next label; the first of each counts.
 * @returns where the person's text begins
 */
function readLabels(whole: string, found: ReceiptText, states: ReceiptStates): number {
  let open: Label | null = null;
  let valueStart = 0;
  let end = whole.length;
  for (let colon = whole.indexOf(':'); colon !== -1; colon = whole.indexOf(':', colon + 1)) {
    const label = labelBefore(whole, colon);
    if (label === null) continue;
    const labelStart = colon - label.length;
    if (open !== null) setField(found, open, whole, valueStart, labelStart, states);
    open = label;
    valueStart = colon + 1;
    if (label === 'text') {
      end = labelStart;
      break;
    }
  }
  if (open === null) return end; // no label at all: it may be anything, a person's text included
  if (open !== 'text') setField(found, open, whole, valueStart, end, states);
  found.raw = printable(whole.slice(0, end).trimEnd());
  return end;
}

function labelBefore(text: string, colon: number): Label | null {
  const candidates = LABELS_BY_LAST_LETTER[text.charCodeAt(colon - 1) & 0x1f];
  if (candidates === undefined) return null;
  for (const label of candidates) {
    const start = colon - label.length;
    if (start >= 0 && endsWord(text, start) && standsAt(text, start, label)) return label;
  }
  return null;
}

/** Whether `label` stands at `start`, in either case. No strings are made: this runs per colon. */
function standsAt(text: string, start: number, label: Label): boolean {
  for (let index = 0; index < label.length; index++) {
    if ((text.charCodeAt(start + index) | 0x20) !== label.charCodeAt(index)) return false;
  }
  return true;
}

/** Whether a word may begin at `start`, so that `msgid:` is not taken for `id:`. */
function endsWord(text: string, start: number): boolean {
  if (start === 0) return true;
  const before = text.charCodeAt(start - 1) | 0x20;
  return before < 0x61 || before > 0x7a;
}

function setField(
  found: ReceiptText,
  label: Label,
  text: string,
  start: number,
  end: number,
  states: ReceiptStates,
): void {
  switch (label) {
    case 'id':
      found.id ??= firstWord(text, start, end);
      break;
    case 'stat':
      found.state ??= stateIn(text, start, end, states);
      break;
    case 'err':
      found.error ??= firstWord(text, start, end);
      break;
    case 'done date':
      found.doneDate ??= firstWord(text, start, end);
      // ksmppd writes no `stat:` label but puts the word behind the date (fixture ksmppd).
      found.state ??= states.ofWords(lastWord(text, start, end), null);
      break;
    default:
  }
}

function stateIn(text: string, start: number, end: number, states: ReceiptStates): ReceiptState | null {
  const first = firstWord(text, start, end);
  if (first === null) return null;
  return states.ofWords(first, firstWord(text, text.indexOf(first, start) + first.length, end));
}

/** First word of text[start, end) without quotes around it; null when there is none. */
function firstWord(text: string, start: number, end: number): string | null {
  let from = start;
  while (from < end && isGap(text.charCodeAt(from))) from++;
  let to = from;
  while (to < end && !isGap(text.charCodeAt(to))) to++;
  return to === from ? null : text.slice(from, Math.min(to, from + MAX_MESSAGE_ID));
}

function lastWord(text: string, start: number, end: number): string | null {
  let to = end;
  while (to > start && isGap(text.charCodeAt(to - 1))) to--;
  let from = to;
  while (from > start && !isGap(text.charCodeAt(from - 1))) from--;
  return to === from ? null : text.slice(from, to);
}

/** White space, control characters, both quotes, comma and semicolon end a value. */
function isGap(code: number): boolean {
  return code <= 0x20 || code === 0x22 || code === 0x27 || code === 0x2c || code === 0x3b;
}

/** Evidence ends in JSON columns and logs, neither of which takes control characters well. */
function printable(text: string): string {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if ((code & 0x60) === 0 || code === 0x7f) return text.replace(/\p{Cc}/gu, ' ');
  }
  return text;
}
