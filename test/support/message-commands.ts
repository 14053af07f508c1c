// Commands to messages of any number, complete and short to write; instants in seconds as in
// message-builders.ts.
import type {
  AcceptMessage,
  AttemptSubmit,
  InDoubtPolicy,
  MessageCommand,
  PartSubmission,
  RecordReceipt,
  RecordSubmission,
  SuppressMessage,
} from '../../src/message/message.commands.js';
import type { CancelMessage } from '../../src/message/order.commands.js';
import type { ReceiptEvidence } from '../../src/message/message.events.js';
import { at, command, HOLD, smsThenVoice, VALIDITY_SECONDS } from './message-builders.js';
import { messageIdOf } from './voice-messages.js';

export { messageIdOf } from './voice-messages.js';

function to<Command extends MessageCommand>(number: number, body: Command): Command {
  return { ...body, messageId: messageIdOf(number) };
}

export function accept(number: number, overrides: Partial<AcceptMessage> = {}): AcceptMessage {
  const body = command('AcceptMessage', 0, {
    to: '+27831234567',
    from: 'SureReach',
    text: 'Your card was used.',
    encoding: 'gsm7',
    partCount: 1,
    priority: 'normal',
    class: 'transactional',
    channels: smsThenVoice(),
    validUntil: at(VALIDITY_SECONDS),
    sendAt: null,
    reference: null,
    batch: null,
    locale: null,
  });
  return to(number, { ...body, ...overrides });
}

export function attemptSubmit(number: number, seconds = 1, sender = '1'): AttemptSubmit {
  return to(number, command('AttemptSubmit', seconds, { connector: 'main', sender, longForm: 'udh8' }));
}

export interface SubmissionOf {
  readonly seconds?: number;
  readonly attempt?: number;
  readonly inDoubtPolicy?: InDoubtPolicy;
}

export function recordSubmission(
  number: number,
  results: readonly PartSubmission[],
  { seconds = 2, attempt = 1, inDoubtPolicy = HOLD }: SubmissionOf = {},
): RecordSubmission {
  return to(
    number,
    command('RecordSubmission', seconds, { attempt, connector: 'main', inDoubtPolicy, results }),
  );
}

/** The SMSC took part 1 and named it. */
export function tookAs(number: number, smscMessageId: string, of: SubmissionOf = {}): RecordSubmission {
  return recordSubmission(number, [{ part: 1, end: 'submitted', smscMessageId }], of);
}

export function recordReceipt(number: number, receipt: ReceiptEvidence, part = 1): RecordReceipt {
  return to(number, command('RecordReceipt', 300, { part, receipt }));
}

export function cancel(number: number, seconds = 1): CancelMessage {
  return to(number, command('CancelMessage', seconds, { reason: 'asked for' }));
}

export function suppress(number: number, seconds = 1): SuppressMessage {
  return to(number, command('SuppressMessage', seconds, { reason: 'opted out' }));
}
