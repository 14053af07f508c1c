// What a command does to a message: decide(command, state) → events. Pure, and safe to repeat: a
// command whose work is done already gives no events. One file per concept in deciders/.
//
// State × command; "–" is no events, "!" is refused with an error.
//
// | command \ status   | none | accepted, scheduled    | submitting           | submitted, buffered, in-doubt | delivered | undelivered, rejected, expired | cancelled, suppressed |
// |--------------------|------|------------------------|----------------------|-------------------------------|-----------|--------------------------------|-----------------------|
// | AcceptMessage      | (a)  | –                      | –                    | –                             | –         | –                              | –                     |
// | AttemptSubmit      | !    | SubmitAttempted or (b) | – or (c)             | – or (c)                      | –         | –                              | –                     |
// | RecordSubmission   | !    | (d) late               | (d)                  | (d) late                      | (d) late  | (d), a second refusal as PartRefused | –               |
// | ReleaseMessage     | !    | !                      | !                    | ! (MessageReleased when quarantined) | !  | !                              | !                     |
// | RecordReceipt      | !    | !                      | (e)                  | (e)                           | (f)       | (f)                            | !                     |
// | DecideFallback     | !    | (b)                    | – or (c)             | (g) from the deadline on      | –         | FallbackDecided voice          | –                     |
// | CancelMessage      | !    | MessageCancelled       | CancelRequested (i)  | CancelRequested (i)           | !         | CancelRequested (j)            | ! (– when cancelled)  |
// | ReplaceText        | !    | TextReplaced           | ! or (k)             | (k)                           | !         | !                              | !                     |
// | SuppressMessage    | !    | MessageSuppressed (h)  | !                    | !                             | !         | !                              | ! (– when suppressed) |
//
// (a) MessageAccepted, and MessageScheduled when sendAt lies ahead.
// (b) MessageExpired when the validity is over; – before it is due.
// (c) While a part is submitting: –. When a part waits for its next attempt: as accepted; at the
//     receipt deadline of the other parts, DecideFallback as (g).
// (d) MessageSubmitted, SubmitDeferred, SubmitOutcomeUnknown, MessageRejected: one event per kind and
//     status. MessageRejected also for a deferral whose retries are used up; MessageQuarantined with
//     the last SubmitOutcomeUnknown that the policy allows. Quarantined is as in-doubt, but that
//     AttemptSubmit gives –.
// (e) MessageBuffered, PartReported, or the event of the final receipt that settles the message.
// (f) PartReported for a part without a final receipt, ReceiptContradicted for another final
//     state than the recorded one, – for everything else.
// (g) FallbackDecided, rule no-receipt or in-doubt: voice when the policy has it, else give-up.
// (h) ! when a submit was attempted before.
// (i) MessageCancelled when no part is, or is about to be, at the SMSC; ! in doubt, when the outcome
//     is decided, or while a call or another order is under way.
// (j) When a call is left: it is not made. ! otherwise.
// (k) ReplaceRequested when it is one part whose encoding holds the text; ! otherwise.
//
// AttemptCancel, AttemptReplace and AttemptQuery are granted once per due instant, by CancelAttempted,
// ReplaceAttempted, QueryAttempted; what came of them: the tables in deciders/.
//
// | command \ voice          | none | due (decided)   | calling                       | unknown                     | answered, failed |
// |--------------------------|------|-----------------|-------------------------------|-----------------------------|------------------|
// | AttemptCall              | –    | VoiceAttempted  | –                             | –                           | –                |
// | RecordCallQueued         | –    | –               | VoiceQueued, once             | –                           | –                |
// | RecordCallAnswered       | –    | –               | VoiceAnswered                 | VoiceAnswered, late         | –                |
// | RecordCallFailed         | –    | –               | VoiceFailed, perhaps retryAt  | VoiceFailed, late, no retry | –                |
// | RecordCallOutcomeUnknown | –    | –               | VoiceOutcomeUnknown           | –                           | –                |
//
// Reports of another attempt, or of another session than the one known, change nothing.
import { acceptMessage, suppressMessage } from './deciders/acceptance.decider.js';
import { attemptCancel, cancelMessage, recordCancel } from './deciders/cancel.decider.js';
import { decideFallback } from './deciders/fallback.decider.js';
import { attemptQuery, recordQuery } from './deciders/query.decider.js';
import { attemptReplace, recordReplace, replaceText } from './deciders/replace.decider.js';
import { recordReceipt } from './deciders/receipt.decider.js';
import { releaseMessage } from './deciders/quarantine.decider.js';
import { attemptSubmit, recordSubmission } from './deciders/submission.decider.js';
import {
  attemptCall,
  recordCallAnswered,
  recordCallFailed,
  recordCallOutcomeUnknown,
  recordCallQueued,
} from './deciders/voice.decider.js';
import type { MessageCommand } from './message.commands.js';
import { MessageUnknownError } from './message.errors.js';
import type { MessageEvent } from './message.events.js';
import type { Message } from './message.state.js';

/**
 * The events the command causes, oldest first; none when it changes nothing.
 * @throws MessageUnknownError every command but AcceptMessage, on a message that does not exist.
 * @throws MessageAlreadyAttemptedError, MessageAlreadyFinalError SuppressMessage, CancelMessage and
 *   ReplaceText that come too late.
 * @throws MessageNotChangeableError CancelMessage and ReplaceText that cannot be carried out.
 * @throws MessageNotReleasableError ReleaseMessage of a message that is not in quarantine, or too late.
 * @throws ReceiptNotExpectedError RecordReceipt for a part that does not exist or was never sent.
 */
export function decide(command: MessageCommand, state: Message): readonly MessageEvent[] {
  if (command.type === 'AcceptMessage') return acceptMessage(command, state);
  if (state.status === 'none') throw new MessageUnknownError(command.messageId);
  switch (command.type) {
    case 'AttemptSubmit':
      return attemptSubmit(command, state);
    case 'RecordSubmission':
      return recordSubmission(command, state);
    case 'ReleaseMessage':
      return releaseMessage(command, state);
    case 'RecordReceipt':
      return recordReceipt(command, state);
    case 'DecideFallback':
      return decideFallback(command, state);
    case 'AttemptCall':
      return attemptCall(command, state);
    case 'RecordCallQueued':
      return recordCallQueued(command, state);
    case 'RecordCallAnswered':
      return recordCallAnswered(command, state);
    case 'RecordCallFailed':
      return recordCallFailed(command, state);
    case 'RecordCallOutcomeUnknown':
      return recordCallOutcomeUnknown(command, state);
    case 'CancelMessage':
      return cancelMessage(command, state);
    case 'AttemptCancel':
      return attemptCancel(command, state);
    case 'RecordCancel':
      return recordCancel(command, state);
    case 'ReplaceText':
      return replaceText(command, state);
    case 'AttemptReplace':
      return attemptReplace(command, state);
    case 'RecordReplace':
      return recordReplace(command, state);
    case 'AttemptQuery':
      return attemptQuery(command, state);
    case 'RecordQuery':
      return recordQuery(command, state);
    case 'SuppressMessage':
      return suppressMessage(command, state);
  }
}
