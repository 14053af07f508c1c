// Reads what Africa's Talking answered to a call request, or why there was no answer. Only a
// clear no counts as refused: whatever leaves room for a ringing phone is unknown.
import type { VoiceFailure } from '../../message/message.events.js';
import type { CallRequestOutcome } from '../voice-gateway.js';
import { withoutNumbers } from './without-numbers.js';

/** The status of an entry, in lower case, and what it means for the one number asked for. */
const ENTRY_REFUSAL: ReadonlyMap<string, VoiceFailure> = new Map([
  ['invalidphonenumber', 'invalid-number'],
  ['destinationnotsupported', 'refused-by-gateway'],
  ['insufficientcredit', 'refused-by-gateway'],
]);

// RFC 9110 §15.5.9: a 408 tells that the gateway gave up reading, not that it did nothing.
const UNCLEAR_CLIENT_ERRORS: readonly number[] = [408];

// Enough for any refusal seen, little enough for an event.
const RAW_CHARACTERS = 300;

/** @param body as it came, of any size and content */
export function readCallAnswer(httpStatus: number, body: string): CallRequestOutcome {
  const raw = withoutNumbers(body.trim()).slice(0, RAW_CHARACTERS);
  if (httpStatus >= 200 && httpStatus < 300) return readEntries(body, raw);
  if (httpStatus >= 400 && httpStatus < 500 && !UNCLEAR_CLIENT_ERRORS.includes(httpStatus)) {
    return refused('refused-by-gateway', `HTTP ${String(httpStatus)}`, raw);
  }
  return { status: 'unknown', detail: `HTTP ${String(httpStatus)}: ${raw}` };
}

function readEntries(body: string, raw: string): CallRequestOutcome {
  const answer = parsed(body);
  const entries: unknown = answer?.['entries'];
  const errorMessage = wordOf(answer?.['errorMessage']);
  if (answer === null || !Array.isArray(entries)) return unclear(raw);
  const entry: unknown = entries[0];
  if (!isRecord(entry)) {
    return errorMessage === null ? unclear(raw) : refused('refused-by-gateway', errorMessage, raw);
  }
  const status = wordOf(entry['status']) ?? '';
  const sessionId = wordOf(entry['sessionId']);
  if (status.toLowerCase() === 'queued') {
    if (sessionId === null) return { status: 'unknown', detail: 'queued without a sessionId' };
    return { status: 'queued', sessionId };
  }
  const failure = ENTRY_REFUSAL.get(status.toLowerCase());
  return failure === undefined ? unclear(raw) : refused(failure, status, raw);
}

function refused(failure: VoiceFailure, reason: string, raw: string): CallRequestOutcome {
  return { status: 'refused', failure, reason: withoutNumbers(reason).slice(0, RAW_CHARACTERS), raw };
}

function unclear(raw: string): CallRequestOutcome {
  return { status: 'unknown', detail: `answer not understood: ${raw}` };
}

/** Africa's Talking writes "None" where there is nothing to say. */
function wordOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const word = value.trim();
  return word === '' || word.toLowerCase() === 'none' ? null : word;
}

function parsed(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Failures to connect, by code: the request had not begun. */
const NEVER_CONNECTED: readonly string[] = [
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
];

/** The stages of a connection before its first octet; the same codes later prove nothing. */
const BEFORE_SENDING: readonly string[] = ['connect', 'getaddrinfo'];

/**
 * What a request that ended in an exception came to. Refused only when it is certain that not
 * one octet of it was sent.
 * @param error as fetch threw it; Node keeps the socket's error in `cause` (seen with Node 20.20).
 *   Read by its shape: the errors of Node's own code need not be instances of this realm's Error.
 */
export function readCallException(error: unknown): CallRequestOutcome {
  const cause = isRecord(error) ? (error['cause'] ?? error) : error;
  const what = withoutNumbers(describe(cause)).slice(0, RAW_CHARACTERS);
  if (neverConnected(cause)) {
    return refused('refused-by-gateway', 'gateway not reached, nothing was sent', what);
  }
  return { status: 'unknown', detail: `no answer: ${what}` };
}

function neverConnected(cause: unknown): boolean {
  if (!isRecord(cause)) return false;
  // A name with several addresses (AggregateError): every one of them must have failed.
  const errors: unknown = cause['errors'];
  if (Array.isArray(errors)) return errors.length > 0 && errors.every((one) => neverConnected(one));
  return NEVER_CONNECTED.includes(String(cause['code'])) && BEFORE_SENDING.includes(String(cause['syscall']));
}

function describe(cause: unknown): string {
  if (!isRecord(cause)) return String(cause);
  return [cause['code'], cause['message']].filter((part) => typeof part === 'string').join(' ');
}
