// Lives of messages as they come, from a seed: every command there is, in good and in senseless
// order. What the decider refuses did not happen; the rest stands in the journal.
import type { Randomness } from '../../src/clock/clock.js';
import type { MessageLifecycle } from '../../src/lifecycle/message-lifecycle.js';
import type { InDoubtPolicy, MessageCommand, PartSubmission } from '../../src/message/message.commands.js';
import type { ReceiptState } from '../../src/message/message.events.js';
import { at, command, every, HOLD, receipt, RESUBMIT, smsOnly, smsThenVoice } from './message-builders.js';
import {
  accept,
  attemptSubmit,
  cancel,
  messageIdOf,
  recordReceipt,
  recordSubmission,
} from './message-commands.js';
import { uuidOf } from '../../src/clock/ids.js';

const RECEIPT_STATES: readonly ReceiptState[] = [
  'delivered',
  'delivered',
  'delivered',
  'enroute',
  'undeliverable',
  'expired',
  'rejected',
];

/** As recorded by a submit: the SMSC's name for a part. */
function smscIdOf(number: number, part: number, attempt = 1): string {
  return `${String(number)}-${String(part)}-${String(attempt)}`;
}

/** The commands of one message, in order. */
function lifeOf(number: number, randomness: Randomness): readonly MessageCommand[] {
  const pick = <Value>(...values: readonly Value[]): Value => {
    const value = values[Math.floor(randomness.fraction() * values.length)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  };
  const partCount = pick(1, 1, 1, 2, 3);
  const life: MessageCommand[] = [
    accept(number, {
      partCount,
      text: 'x'.repeat(partCount === 1 ? 20 : 153 * partCount),
      priority: pick('high', 'normal', 'normal', 'low'),
      batch: pick(null, null, 'notices', 'bills'),
      channels: pick(smsOnly(), smsThenVoice(), smsThenVoice(), smsThenVoice('submitted')),
      sendAt: pick(null, null, null, at(5)),
      to: `+2783${String(1_000_000 + (number % 7))}`,
    }),
  ];
  const sender = pick('1', '2');
  if (pick(0, 1, 2, 3, 4, 5, 6, 7) === 0) life.push(cancel(number));
  for (let attempt = 1, seconds = 10; attempt <= pick(1, 2, 3); attempt++, seconds += 100) {
    life.push(attemptSubmit(number, seconds, sender));
    const results = Array.from({ length: partCount }, (_, index): PartSubmission => {
      const part = index + 1;
      return pick<PartSubmission>(
        { part, end: 'submitted', smscMessageId: smscIdOf(number, part, attempt) },
        { part, end: 'submitted', smscMessageId: smscIdOf(number, part, attempt) },
        { part, end: 'submitted', smscMessageId: `again ${String(number % 5)}` },
        { part, end: 'deferred', cause: 'not-sent', commandStatus: null, retry: every(30) },
        {
          part,
          end: 'deferred',
          cause: 'refused',
          commandStatus: { code: 8, name: 'ESME_RSYSERR' },
          retry: every(30, 1),
        },
        { part, end: 'unknown', cause: 'response-timeout' },
        { part, end: 'unknown', cause: 'link-lost' },
        { part, end: 'rejected', commandStatus: { code: 0x0b, name: 'ESME_RINVDSTADR' } },
      );
    });
    const inDoubtPolicy = pick<InDoubtPolicy>(HOLD, RESUBMIT, {
      then: 'resubmit',
      afterSeconds: 60,
      quarantineAfter: 2,
    });
    const submission = recordSubmission(number, results, { seconds: seconds + 1, attempt, inDoubtPolicy });
    life.push(pick(true, false) ? submission : { ...submission, queryAfterSeconds: 60 });
    if (pick(true, false))
      life.push(recordSubmission(number, results.slice(0, 1), { seconds: seconds + 2, attempt }));
  }
  life.push(...ordersOf(number, partCount, pick));
  for (let reports = pick(0, 1, 2, 4); reports > 0; reports--) {
    const part = pick(...Array.from({ length: partCount }, (_, index) => index + 1));
    const state = pick(...RECEIPT_STATES);
    const evidence = { ...receipt(state, part, pick('a', 'b')), smscMessageId: smscIdOf(number, part) };
    life.push(
      recordReceipt(
        number,
        { ...evidence, receiptId: uuidOf(`${String(number)} ${evidence.receiptId}`) },
        part,
      ),
    );
  }
  if (pick(true, true, false)) life.push(...callsOf(number, pick));
  return life;
}

/** What is asked of the SMSC after the submits. */
function ordersOf(
  number: number,
  partCount: number,
  pick: <Value>(...values: readonly Value[]) => Value,
): readonly MessageCommand[] {
  const orders: MessageCommand[] = [
    command('AttemptQuery', 400, { sender: '1', everySeconds: 60, backoffFactor: 2, maxQueries: 2 }),
    command('RecordQuery', 401, { query: 1, failures: [{ part: 1, commandStatus: null }] }),
    command('ReplaceText', 402, { text: 'Another text.', encoding: 'gsm7', partCount: 1 }),
    command('AttemptReplace', 403, { sender: '1', retryAfterSeconds: 60 }),
    command('RecordReplace', 404, { attempt: 1, result: { end: pick('replaced', 'unanswered') } }),
    command('CancelMessage', 405, { reason: 'asked for' }),
    command('AttemptCancel', 406, { sender: '2', retryAfterSeconds: 60 }),
    command('RecordCancel', 407, {
      attempt: 1,
      results: Array.from({ length: partCount }, (_, index) => ({
        part: index + 1,
        end: pick<'cancelled' | 'unanswered'>('cancelled', 'unanswered'),
      })),
    }),
  ];
  return orders
    .filter(() => pick(true, false, false))
    .map((order) => ({ ...order, messageId: messageIdOf(number) }));
}

function callsOf(
  number: number,
  pick: <Value>(...values: readonly Value[]) => Value,
): readonly MessageCommand[] {
  const to = (body: MessageCommand): MessageCommand => ({ ...body, messageId: messageIdOf(number) });
  const calls: MessageCommand[] = [to(command('DecideFallback', 700, {}))];
  for (let attempt = 1; attempt <= 2; attempt++) {
    const seconds = 800 + 200 * attempt;
    const sessionId = `session ${String(number)}.${String(attempt)}`;
    calls.push(to(command('AttemptCall', seconds, { gateway: 'fake', reportDueAt: at(seconds + 180) })));
    if (pick(true, true, false))
      calls.push(to(command('RecordCallQueued', seconds + 1, { attempt, sessionId })));
    calls.push(
      to(
        pick<MessageCommand>(
          command('RecordCallAnswered', seconds + 30, { attempt, sessionId, durationSeconds: 21, raw: '' }),
          command('RecordCallFailed', seconds + 30, {
            attempt,
            sessionId,
            failure: 'busy',
            reason: 'USER_BUSY',
            raw: '',
          }),
          command('RecordCallOutcomeUnknown', seconds + 180, {
            attempt,
            cause: 'no-final-report',
            detail: 'none',
          }),
          command('RecordCallQueued', seconds + 1, { attempt, sessionId }),
        ),
      ),
    );
  }
  return calls;
}

/** Lets the messages live at the same time: the first command of each, then the second of each, and so on. */
export async function live(
  lifecycle: MessageLifecycle,
  numbers: readonly number[],
  randomness: Randomness,
): Promise<void> {
  const lives = numbers.map((number) => lifeOf(number, randomness));
  const longest = Math.max(...lives.map(({ length }) => length));
  for (let step = 0; step < longest; step++) {
    await lifecycle.handleMany(lives.flatMap((life) => life[step] ?? []));
  }
}
