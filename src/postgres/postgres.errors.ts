// What can go wrong with PostgreSQL, and what the operator should do about it.

export abstract class PostgresError extends Error {
  abstract readonly code: string;
  /** Whether the same call can succeed later without any change by a person. */
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The folder for the embedded cluster, or the machine, does not allow a cluster to live there. */
export class ClusterUnusableError extends PostgresError {
  readonly code = 'POSTGRES_CLUSTER_UNUSABLE';
  readonly retryable = false;
}

/** The server program ended or did not answer in time; the message ends with its own last words. */
export class ClusterStartError extends PostgresError {
  readonly code = 'POSTGRES_CLUSTER_START';
  readonly retryable = true;
}

/** The server did not end in time or ended with an error when it was told to stop. */
export class ClusterStopError extends PostgresError {
  readonly code = 'POSTGRES_CLUSTER_STOP';
  readonly retryable = true;
}

/** The migrations of the code and those of the database disagree; nothing was applied. */
export class MigrationRefusedError extends PostgresError {
  readonly code = 'POSTGRES_MIGRATION_REFUSED';
  readonly retryable = false;
}

/** A migration failed; it was rolled back, the earlier ones stay applied. */
export class MigrationFailedError extends PostgresError {
  readonly code = 'POSTGRES_MIGRATION_FAILED';
  readonly retryable = false;
}
