// What can go wrong in the voice room, and what the caller should do about it. A call that is
// refused, busy or unanswered is no error: it is an outcome and becomes an event.

export abstract class VoiceError extends Error {
  abstract readonly code: string;
  /** Whether the same call can succeed later without any change by a person. */
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A gateway's report that cannot be understood: answer 400, the same body never gets better. */
export class UnreadableReportError extends VoiceError {
  readonly code = 'VOICE_REPORT_UNREADABLE';
  readonly retryable = false;

  constructor(
    /** The field at fault; `body` when there are no fields at all. */
    readonly field: string,
    readonly problem: string,
  ) {
    super(`${field}: ${problem}`);
  }
}

/** The stored half of the call directory could not be asked: answer 503, ask again later. */
export class CallDirectoryUnavailableError extends VoiceError {
  readonly code = 'VOICE_DIRECTORY_UNAVAILABLE';
  readonly retryable = true;
}

/** A callback secret that cannot protect anything: choose another one and start again. */
export class CallbackSecretError extends VoiceError {
  readonly code = 'VOICE_CALLBACK_SECRET_INVALID';
  readonly retryable = false;
}
