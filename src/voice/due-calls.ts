// Where the caller takes its work from: messages whose next step is a call, or whose call has
// not been reported on in time. A read model answers; it may lag, the journal decides.

export interface DueCall {
  readonly messageId: string;
}

export abstract class DueCalls {
  /** Messages waiting for `call` whose `dueAt` is at or before `now` (ISO 8601 UTC), earliest first. */
  abstract due(now: string, limit: number): Promise<readonly DueCall[]>;

  /** As `due`, for messages waiting for `call-report`. */
  abstract overdueReports(now: string, limit: number): Promise<readonly DueCall[]>;
}
