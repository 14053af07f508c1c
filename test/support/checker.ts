// Holds what happened outside the service (the SMSC's ledger, what senders were promised) against
// the journal. Every rule carries the promise it checks; a violation tells the message.
import pg from 'pg';
import type { RecordedEntry } from '../../src/simulators/smsc/record/ledger.js';
import { clientConfig } from '../../src/postgres/postgres.js';

export interface JournalledEvent {
  readonly stream: string;
  readonly type: string;
  readonly position: bigint;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Evidence {
  readonly events: readonly JournalledEvent[];
  /** The simulator's ledger. */
  readonly ledger: readonly RecordedEntry[];
  /** Ids that were answered with 202. */
  readonly promised: readonly string[];
}

const FINAL = [
  'MessageDelivered',
  'MessageUndelivered',
  'MessageExpired',
  'MessageRejected',
  'MessageCancelled',
];
const SUBMIT_ENDS = [
  'MessageSubmitted',
  'SubmitDeferred',
  'SubmitOutcomeUnknown',
  'MessageRejected',
  'PartRefused',
];

export async function journalledEvents(url: string): Promise<readonly JournalledEvent[]> {
  const client = new pg.Client(clientConfig({ url, applicationName: 'checker' }));
  await client.connect();
  try {
    const { rows } = await client.query<JournalledEvent>(
      'select stream, type, position, data from journal_events order by position',
    );
    return rows;
  } finally {
    await client.end();
  }
}

/** Every broken promise, in words; empty when all held. */
export function violations({ events, ledger, promised }: Evidence): readonly string[] {
  const streams = byStream(events);
  const messages = [...streams].filter(([stream]) => stream.startsWith('message-'));
  return [
    ...acceptedIsDurable(streams, promised),
    ...positionsHaveNoGap(events),
    ...messages.flatMap(([stream, history]) => [
      ...everyAttemptEnds(stream, history),
      ...oneFinalState(stream, history),
      ...oneFallback(stream, history),
    ]),
    ...nothingSentTwiceSilently(messages, ledger),
    ...acknowledgedReceiptsAreRecorded(events, ledger),
  ];
}

function byStream(events: readonly JournalledEvent[]): ReadonlyMap<string, readonly JournalledEvent[]> {
  const streams = new Map<string, JournalledEvent[]>();
  for (const event of events) {
    const stream = streams.get(event.stream);
    if (stream === undefined) streams.set(event.stream, [event]);
    else stream.push(event);
  }
  return streams;
}

/** I1: every 202 has its MessageAccepted. */
function acceptedIsDurable(
  streams: ReadonlyMap<string, readonly JournalledEvent[]>,
  promised: readonly string[],
): string[] {
  return promised
    .filter((id) => streams.get(`message-${id}`)?.[0]?.type !== 'MessageAccepted')
    .map((id) => `I1: ${id} was promised and is not in the journal`);
}

/** I25 rests on it: positions are contiguous. */
function positionsHaveNoGap(events: readonly JournalledEvent[]): string[] {
  const gap = events.find(({ position }, index) => position !== BigInt(index + 1));
  return gap === undefined ? [] : [`I25: the journal has a gap before position ${String(gap.position)}`];
}

/** I7: every part of every attempt has exactly one end, but that a late answer may follow doubt. */
function everyAttemptEnds(stream: string, history: readonly JournalledEvent[]): string[] {
  const broken: string[] = [];
  for (const { data } of history.filter(({ type }) => type === 'SubmitAttempted')) {
    for (const part of data['parts'] as number[]) {
      const ends = history.filter(
        (event) =>
          SUBMIT_ENDS.includes(event.type) &&
          event.data['attempt'] === data['attempt'] &&
          event.data['late'] !== true &&
          partsOf(event).includes(part),
      );
      const settledByReceipt = history.some(
        (event) => (event.data['receipt'] as object | undefined) !== undefined && event.data['part'] === part,
      );
      if (ends.length > 1)
        broken.push(`I7: part ${String(part)} of ${stream} ended ${String(ends.length)} times`);
      if (ends.length === 0 && !settledByReceipt)
        broken.push(`I7: part ${String(part)} of ${stream} never ended`);
    }
  }
  return broken;
}

function partsOf({ data }: JournalledEvent): readonly number[] {
  const parts = (data['parts'] ?? []) as readonly (number | { readonly part: number })[];
  return parts.map((part) => (typeof part === 'number' ? part : part.part));
}

/** I16, I18: at most one final state. */
function oneFinalState(stream: string, history: readonly JournalledEvent[]): string[] {
  const finals = history.filter(({ type }) => FINAL.includes(type)).map(({ type }) => type);
  return finals.length > 1 ? [`I16: ${stream} has ${finals.join(' and ')}`] : [];
}

/** I20. */
function oneFallback(stream: string, history: readonly JournalledEvent[]): string[] {
  const decisions = history.filter(({ type }) => type === 'FallbackDecided').length;
  return decisions > 1 ? [`I20: ${stream} has ${String(decisions)} fallback decisions`] : [];
}

/** I6: no more submit_sm of a part than attempts that the journal lets repeat it. */
function nothingSentTwiceSilently(
  messages: readonly (readonly [string, readonly JournalledEvent[]])[],
  ledger: readonly RecordedEntry[],
): string[] {
  const sent = new Map<string, number>();
  for (const entry of ledger) {
    if (entry.kind !== 'submit') continue;
    sent.set(entry.destination, (sent.get(entry.destination) ?? 0) + 1);
  }
  const allowed = new Map<string, number>();
  const sentParts = new Map<string, number>();
  for (const [, history] of messages) {
    const accepted = history[0]?.data as { personal?: { to: string } } | undefined;
    const to = accepted?.personal?.to.slice(1) ?? '';
    const attempted = history.filter(({ type }) => type === 'SubmitAttempted');
    const attempts = attempted.reduce((sum, event) => sum + partsOf(event).length, 0);
    // Another form has other parts, but only after every part of the one before came back.
    const parts = Math.max(0, ...attempted.map(({ data }) => Number(data['total'])));
    const repeats = history
      .filter(
        ({ type, data }) =>
          type === 'SubmitDeferred' ||
          type === 'MessageReleased' ||
          (type === 'SubmitOutcomeUnknown' && data['policy'] === 'resubmit'),
      )
      .reduce((sum, event) => sum + partsOf(event).length, 0);
    sentParts.set(to, (sentParts.get(to) ?? 0) + attempts);
    allowed.set(to, (allowed.get(to) ?? 0) + parts + repeats);
  }
  return [...sent].flatMap(([to, count]) => [
    ...(count > (allowed.get(to) ?? 0)
      ? [`I6: ${to} got ${String(count)} submit_sm, ${String(allowed.get(to) ?? 0)} allowed`]
      : []),
    ...(count > (sentParts.get(to) ?? 0)
      ? [`I5: ${to} got ${String(count)} submit_sm, ${String(sentParts.get(to) ?? 0)} attempted`]
      : []),
  ]);
}

/** I13, I14: what was acknowledged with ESME_ROK is in the journal, with its message or parked. */
function acknowledgedReceiptsAreRecorded(
  events: readonly JournalledEvent[],
  ledger: readonly RecordedEntry[],
): string[] {
  const recorded = new Set<string>();
  for (const { data } of events) {
    const receipt = data['receipt'] as { smscMessageId: string } | undefined;
    if (receipt !== undefined) recorded.add(receipt.smscMessageId);
  }
  return ledger.flatMap((entry) =>
    entry.kind === 'delivery-answered' &&
    entry.status === 'ESME_ROK' &&
    entry.messageId !== null &&
    !recorded.has(entry.messageId)
      ? [`I13: the receipt for ${entry.messageId} was acknowledged and is not in the journal`]
      : [],
  );
}
