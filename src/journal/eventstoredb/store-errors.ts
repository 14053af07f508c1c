// What an error of the client says about an append. Only what is known to be refused counts as
// refused; everything else may have been written.
import {
  AccessDeniedError,
  InvalidArgumentError,
  MaxAppendSizeExceededError,
  NotLeaderError,
  StreamDeletedError,
  UnavailableError,
} from '@eventstore/db-client';

export type AppendFailure =
  /** Not written; the same call may succeed later. */
  | 'refused'
  /** Not written, and repeating it will not help. */
  | 'invalid'
  /** It may have been written. */
  | 'in-doubt';

// Words of the gRPC library and of the client's discovery: no call was ever sent.
const NEVER_SENT = /No connection established|Name resolution failed|^Failed to discover/;

export function appendFailureOf(error: unknown): AppendFailure {
  if (error instanceof StreamDeletedError || error instanceof MaxAppendSizeExceededError) return 'invalid';
  if (error instanceof InvalidArgumentError) return 'invalid';
  if (error instanceof NotLeaderError || error instanceof AccessDeniedError) return 'refused';
  const isPlain = error instanceof UnavailableError || (error instanceof Error && error.name === 'Error');
  return isPlain && NEVER_SENT.test(messageOf(error)) ? 'refused' : 'in-doubt';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
