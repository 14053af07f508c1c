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

  constructor(messageId: string, attempts: number) {
    super(
      `message ${messageId} can no longer be suppressed: its submit was attempted ${String(attempts)} time(s); ` +
        'follow its status to see how it ends',
    );
  }
}

/** The message has ended already: nothing is left to stop. */
export class MessageAlreadyFinalError extends MessageError {
  readonly code = 'MESSAGE_ALREADY_FINAL';
  readonly retryable = false;

  constructor(messageId: string, status: string, wanted: 'cancelled' | 'replaced' | 'suppressed') {
    super(`message ${messageId} can no longer be ${wanted}: its status is already ${status}`);
  }
}

const NOT_CHANGEABLE = {
  'in-doubt':
    'a submit of it was not answered, so its SMSC id is not known, and without an id the SMSC would ' +
    'change other messages to the same number; wait until its receipt or its deadline resolves the doubt',
  'no-smsc-id':
    'the SMSC gave it no id, and without one it would change other messages to the same number; ' +
    'follow its status to see how it ends',
  'call-under-way': 'its call is being made; ask again when the call has ended',
  'order-under-way': 'the SMSC is just being asked to change it; ask again when that has ended',
  'submit-under-way': 'it is just being submitted; ask again in a moment',
  'not-plain':
    'it is binary, flash, addressed to a port, in a national or fixed alphabet, or went in message_payload, ' +
    'and only a plain text is replaced; cancel it and send a new one',
  'several-parts': 'it went in several parts, and replace_sm changes one; cancel it and send a new one',
  'text-does-not-fit':
    'the new text needs another encoding than the one submitted, or several parts, and replace_sm ' +
    'has no field for either; shorten it, or cancel the message and send a new one',
  'cancel-asked': 'it was asked to be cancelled; send a new message instead',
  'too-late': 'its SMS has ended already; send a new message instead',
} as const;

/** The message cannot be changed as it stands now; the error says why, and what to do instead. */
export class MessageNotChangeableError extends MessageError {
  readonly code = 'MESSAGE_NOT_CHANGEABLE';
  readonly retryable: boolean;

  constructor(
    messageId: string,
    wanted: 'cancelled' | 'replaced',
    readonly why: keyof typeof NOT_CHANGEABLE,
  ) {
    super(`message ${messageId} cannot be ${wanted}: ${NOT_CHANGEABLE[why]}`);
    this.retryable = why.endsWith('under-way');
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
