// What a command may be refused for. Each names the field or fact and the way out.

export abstract class MessageError extends Error {
  abstract readonly code: string;
  /** Whether the same command can succeed later without any change by a person. */
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No MessageAccepted under this id: check the id, or send AcceptMessage first. */
export class MessageUnknownError extends MessageError {
  readonly code = 'MESSAGE_UNKNOWN';
  readonly retryable = false;

  constructor(messageId: string) {
    super(`messageId ${messageId} is unknown: no message was accepted under it; check the id`);
  }
}

/** A submit was attempted, so the message may be on its way: follow its status instead. */
export class MessageAlreadyAttemptedError extends MessageError {
  readonly code = 'MESSAGE_ALREADY_ATTEMPTED';
  readonly retryable = false;

  constructor(messageId: string, attempts: number, wanted: 'cancelled' | 'suppressed') {
    super(
      `message ${messageId} can no longer be ${wanted}: its submit was attempted ${String(attempts)} time(s); ` +
        'follow its status to see how it ends',
    );
  }
}

/** The message has ended already: nothing is left to stop. */
export class MessageAlreadyFinalError extends MessageError {
  readonly code = 'MESSAGE_ALREADY_FINAL';
  readonly retryable = false;

  constructor(messageId: string, status: string, wanted: 'cancelled' | 'suppressed') {
    super(`message ${messageId} can no longer be ${wanted}: its status is already ${status}`);
  }
}

/** Nothing to release: the message is not in quarantine, or may no longer be sent. */
export class MessageNotReleasableError extends MessageError {
  readonly code = 'MESSAGE_NOT_RELEASABLE';
  readonly retryable = false;

  constructor(messageId: string, why: string) {
    super(`message ${messageId} cannot be released: ${why}`);
  }
}

/** The receipt names a part that does not exist or was never sent: match it again, or park it. */
export class ReceiptNotExpectedError extends MessageError {
  readonly code = 'MESSAGE_RECEIPT_NOT_EXPECTED';
  readonly retryable = false;

  constructor(messageId: string, part: number, partCount: number) {
    super(
      `part ${String(part)} of message ${messageId} (parts: ${String(partCount)}) was never submitted, ` +
        'so no receipt can be its own; match the receipt again or park it',
    );
  }
}

/** The receipt is about another phone: its id was used before or since; match it again, or park it. */
export class ReceiptForAnotherRecipientError extends MessageError {
  readonly code = 'MESSAGE_RECEIPT_FOR_ANOTHER_RECIPIENT';
  readonly retryable = false;

  constructor(messageId: string) {
    super(
      `the receipt names another recipient than that of message ${messageId}, so the SMSC means another ` +
        'message by the same id; match the receipt again or park it',
    );
  }
}

/** The stream does not tell the life of a message. Stop at it, do not skip: it needs a person. */
export class MessageHistoryBrokenError extends MessageError {
  readonly code = 'MESSAGE_HISTORY_BROKEN';
  readonly retryable = false;

  constructor(status: string, eventType: string) {
    super(
      `event ${eventType} cannot follow status ${status}: the stream is damaged or was written by a ` +
        'newer version; upgrade this process or repair the stream',
    );
  }
}

/** The text needs more parts than the concatenation header can count: shorten it. */
export class TextTooLongError extends MessageError {
  readonly code = 'MESSAGE_TEXT_TOO_LONG';
  readonly retryable = false;

  constructor(parts: number, limit: number) {
    super(`text needs ${String(parts)} parts, at most ${String(limit)} can be sent; shorten the text`);
  }
}

/** A character of the text does not exist in the encoding asked for: choose the encoding by the text. */
export class TextNotEncodableError extends MessageError {
  readonly code = 'MESSAGE_TEXT_NOT_ENCODABLE';
  readonly retryable = false;

  constructor(encoding: string, offset: number) {
    super(
      `text cannot be sent as ${encoding}: the character at offset ${String(offset)} is not in that ` +
        'alphabet; use the encoding that chooseEncoding gives',
    );
  }
}
