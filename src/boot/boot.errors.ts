// Why the service did not start, in one sentence for the person at the terminal.

export class PortTakenError extends Error {
  readonly code = 'BOOT_PORT_TAKEN';
  readonly retryable = false;

  constructor(host: string, port: number) {
    super(
      `${host}:${String(port)} is taken by another program; stop it, or choose another port with HTTP_PORT`,
    );
  }
}

export class AddressUnusableError extends Error {
  readonly code = 'BOOT_ADDRESS_UNUSABLE';
  readonly retryable = false;

  constructor(host: string, port: number, reason: string) {
    super(`cannot listen on ${host}:${String(port)} (${reason}); check HTTP_HOST and HTTP_PORT`);
  }
}

export class EventStoreUnusableError extends Error {
  readonly code = 'BOOT_EVENTSTORE_UNUSABLE';
  readonly retryable = true;

  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`EventStoreDB at EVENTSTORE_URL cannot be used (${reason}); check its address, tls and user`, {
      cause,
    });
  }
}

export class OtherJournalError extends Error {
  readonly code = 'BOOT_OTHER_JOURNAL';
  readonly retryable = false;

  constructor(readModel: string) {
    super(
      `${readModel} in PostgreSQL is ahead of the journal at EVENTSTORE_URL: it was made from another journal; use a new database, or the EventStoreDB it was made from`,
    );
  }
}

/** Our own errors speak for themselves; for anything else the stack is wanted. */
export function reasonNotStarted(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string' && /^[A-Z]+_[A-Z_]+$/.test(error.code))
    return error.message;
  return error.stack ?? error.message;
}
