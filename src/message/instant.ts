// Comparing and moving instants that are written in ISO 8601. No clock: every instant comes in.

// "2026-01-01T00:00:00.000Z", the form every event carries. Instants of this form sort like their
// text: 0.02 µs instead of 0.16 µs when one of the two must be parsed (test/bench/message.bench.ts).
const NORMAL_FORM_LENGTH = 24;

function isNormal(instant: string): boolean {
  return instant.length === NORMAL_FORM_LENGTH && instant.endsWith('Z');
}

export function isBefore(instant: string, other: string): boolean {
  if (isNormal(instant) && isNormal(other)) return instant < other;
  return Date.parse(instant) < Date.parse(other);
}

export function isAfter(instant: string, other: string): boolean {
  return isBefore(other, instant);
}

export function plusSeconds(instant: string, seconds: number): string {
  return new Date(Date.parse(instant) + seconds * 1000).toISOString();
}

export function earliest(instant: string, other: string | null): string {
  return other !== null && isBefore(other, instant) ? other : instant;
}

export function latest(instant: string, other: string | null): string {
  return other !== null && isAfter(other, instant) ? other : instant;
}
