import type { RecordedEvent } from '../journal/journal.js';

export abstract class LifecycleError extends Error {
  abstract readonly code: string;
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A newer build wrote to this stream. Not retryable here: run the newer build. */
export class UnknownEventError extends LifecycleError {
  readonly code = 'LIFECYCLE_UNKNOWN_EVENT';
  readonly retryable = false;

  constructor(event: RecordedEvent) {
    super(
      `stream ${event.stream} holds ${event.type} version ${String(event.metadata.schemaVersion)} at revision ` +
        `${String(event.revision)}, which this build does not know; run the build that wrote it`,
    );
  }
}

/** The same message kept changing under the command. Retryable: send the command again. */
export class MessageContendedError extends LifecycleError {
  readonly code = 'LIFECYCLE_MESSAGE_CONTENDED';
  readonly retryable = true;

  constructor(messageIds: readonly string[], attempts: number) {
    super(
      `message ${messageIds.join(', ')} changed under the command ${String(attempts)} times; send it again`,
    );
  }
}
