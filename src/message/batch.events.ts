// What happens to a batch uploaded in one request (stream `batch-<name>`). The messages of the
// batch have their own streams and carry its name.

/** How reading an upload ended. refused: a line could not be read, or the store did not answer. */
export type UploadEnd = 'complete' | 'cut' | 'refused';

export interface BatchUploadStarted {
  readonly batch: string;
  readonly contentType: string;
}

export interface BatchUploadEnded {
  readonly state: UploadEnd;
  /** Why it ended early; null when complete. */
  readonly reason: string | null;
  readonly rows: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Lines up to this one were read; those behind it were not taken. */
  readonly lastLine: number;
}

/** Names of batches: also safe in a URL, a file name and a stream name. */
export const BATCH_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

export function batchStream(batch: string): string {
  return `batch-${batch}`;
}
