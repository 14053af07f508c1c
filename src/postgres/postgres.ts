// Connections to PostgreSQL: one place for time limits, types and statement names.
import { createHash } from 'node:crypto';
import pg from 'pg';

// 64-bit numbers are bigint from end to end: positions pass 2^53 one day, and Number would round.
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, BigInt);

export interface ConnectionOptions {
  readonly url: string;
  /** What the connection is for; pg_stat_activity shows it as `surereach/<process id> <name>`. */
  readonly applicationName: string;
  /** The server ends a statement that runs longer. */
  readonly statementTimeoutMs?: number;
}

// A connection that is not up by then counts as refused; a local server needs 5 ms.
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/** Begins the application_name of every connection of this process, and of no other's. */
export function applicationPrefix(): string {
  return `surereach/${String(process.pid)} `;
}

export function clientConfig(options: ConnectionOptions): pg.ClientConfig {
  return {
    connectionString: options.url,
    application_name: `${applicationPrefix()}${options.applicationName}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types,
  };
}

export interface PoolOptions extends ConnectionOptions {
  readonly maxConnections?: number;
  /** Told of idle connections that broke; the pool replaces them by itself. */
  readonly onIdleError?: (error: Error) => void;
}

/** A pool whose int8 columns come as bigint. The caller ends it. */
export function openPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(options),
    max: options.maxConnections ?? 10,
    idleTimeoutMillis: 30_000,
  });
  // Without a listener an idle connection that breaks would end the process.
  pool.on('error', options.onIdleError ?? (() => undefined));
  // So would one that is in use but has no query under way; its next query fails and tells.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}

export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A statement the server plans once per connection. The name follows the text, so texts never mix. */
export function statement(text: string): Statement {
  return { name: `s${createHash('sha256').update(text).digest('hex').slice(0, 24)}`, text };
}
