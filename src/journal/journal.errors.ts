// What can go wrong with the journal, and what the caller should do about it.

export abstract class JournalError extends Error {
  abstract readonly code: string;
  /** Whether the same call can succeed later without any change by a person. */
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Somebody else appended to the stream: load it again, decide again, append again. */
export class WrongExpectedRevisionError extends JournalError {
  readonly code = 'JOURNAL_WRONG_EXPECTED_REVISION';
  readonly retryable = true;

  constructor(
    readonly stream: string,
    readonly expected: bigint,
    /** Where the stream really stands; NO_STREAM when it does not exist. */
    readonly actual: bigint,
  ) {
    super(`stream ${stream} is at revision ${String(actual)}, not at ${String(expected)} as expected`);
  }
}

/** The store refused or could not be reached before anything was written: retry later. */
export class JournalUnavailableError extends JournalError {
  readonly code = 'JOURNAL_UNAVAILABLE';
  readonly retryable = true;
}

/** The link broke while the append was under way: retry with the same ids and revisions. */
export class AppendOutcomeUnknownError extends JournalError {
  readonly code = 'JOURNAL_APPEND_OUTCOME_UNKNOWN';
  readonly retryable = true;
}

/** The caller broke the port's rules; nothing was written and repeating it will not help. */
export class InvalidAppendError extends JournalError {
  readonly code = 'JOURNAL_INVALID_APPEND';
  readonly retryable = false;
}
