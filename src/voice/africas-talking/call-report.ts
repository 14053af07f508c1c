// Reads Africa's Talking's voice callback: a form in production, JSON in its samples, with every
// value possibly a string, and a spelling of names and values that changes with the version.
import type { CallReport } from '../voice-dialect.js';
import { callOfLabel } from '../call-label.js';
import { UnreadableReportError } from '../voice.errors.js';
import { callEndOf } from './hangup-cause.js';
import { withoutNumbers } from './without-numbers.js';

const WORD = /^[\w .-]{1,64}$/;
const DECIMAL = /^-?\d{1,9}(?:\.\d{1,9})?(?:\s?[a-z]{1,8})?$/i;
const INSTANT = /^\d{4}-\d{2}-\d{2}(?:[T ][\d:.]{5,15}(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** What is kept as evidence, and the shape it must have: never a number, a key press or a URL. */
const EVIDENCE: readonly (readonly [field: string, shape: RegExp])[] = [
  ['isActive', WORD],
  ['direction', WORD],
  ['status', WORD],
  ['callSessionState', WORD],
  ['hangupCause', WORD],
  ['durationInSeconds', DECIMAL],
  ['callStartTime', INSTANT],
  ['dialDurationInSeconds', DECIMAL],
  ['dialStartTime', INSTANT],
  ['currencyCode', WORD],
  ['amount', DECIMAL],
  ['callerCarrierName', WORD],
  ['callerCountryCode', WORD],
];

// Maps, not objects, wherever the wire chooses the key: "constructor" is a property of every object.
const ACTIVE: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
]);

// Africa's Talking sends ATVId_ and 32 hex digits. Longer or stranger ones are not stored.
const SESSION_ID = /^[\x21-\x7e]{1,128}$/;

/** "3.21", "43", and "43sec", which occurs in real data. */
const SECONDS = /^(\d{1,6}(?:\.\d{1,9})?)\s*(?:s|secs?|seconds?)?$/i;

/** @throws UnreadableReportError naming the field and what is wrong with it. */
export function readCallReport(body: unknown): CallReport {
  const fields = fieldsOf(body);
  const sessionId = textOf(fields, 'sessionId') ?? '';
  if (!SESSION_ID.test(sessionId)) {
    throw new UnreadableReportError('sessionId', 'must be 1 to 128 visible ASCII characters');
  }
  const active = ACTIVE.get((textOf(fields, 'isActive') ?? '').toLowerCase());
  if (active === undefined) {
    throw new UnreadableReportError('isActive', 'must be 1 (in progress) or 0 (final)');
  }
  const labelled = callOfLabel(textOf(fields, 'clientRequestId') ?? '');
  if (active) return { kind: 'picked-up', sessionId, labelled };
  const end = callEndOf(causeOf(fields), secondsOf(fields));
  return { ...end, sessionId, labelled, raw: evidenceOf(fields) };
}

/** Field names in lower case; one given twice, in whatever spelling, is nobody's to choose from. */
type Fields = ReadonlyMap<string, unknown>;

function fieldsOf(body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new UnreadableReportError('body', 'must be a form or a JSON object');
  }
  const fields = new Map<string, unknown>();
  for (const [name, value] of Object.entries(body)) {
    const key = name.toLowerCase();
    fields.set(key, fields.has(key) ? [fields.get(key), value] : value);
  }
  return fields;
}

/** The trimmed text of a field; null when it is absent or empty. */
function textOf(fields: Fields, name: string): string | null {
  const value = fields.get(name.toLowerCase());
  switch (typeof value) {
    case 'string':
      return value.trim() === '' ? null : value.trim();
    case 'number':
    case 'boolean':
      return String(value);
    case 'undefined':
      return null;
    default:
      if (value === null) return null;
      throw new UnreadableReportError(name, 'must be one text or number, given once');
  }
}

function causeOf(fields: Fields): string | null {
  const cause = textOf(fields, 'hangupCause');
  if (cause === null) return null;
  return WORD.test(cause) ? withoutNumbers(cause.toUpperCase()) : 'UNREADABLE';
}

function secondsOf(fields: Fields): number | null {
  const [, seconds] = SECONDS.exec(textOf(fields, 'durationInSeconds') ?? '') ?? [];
  return seconds === undefined ? null : Number(seconds);
}

function evidenceOf(fields: Fields): string {
  const kept: Record<string, string> = {};
  for (const [name, shape] of EVIDENCE) {
    const value = textOf(fields, name);
    if (value !== null) kept[name] = evidenceIn(value, shape);
  }
  return JSON.stringify(kept);
}

function evidenceIn(value: string, shape: RegExp): string {
  if (!shape.test(value)) return 'unreadable';
  return shape === INSTANT ? value : withoutNumbers(value);
}
