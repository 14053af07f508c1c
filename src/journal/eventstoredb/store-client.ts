// The one client of a process, with a deadline of our own on every call: the client's calls may
// stay silent for ever.
import { EventStoreDBClient, type StreamingRead } from '@eventstore/db-client';
import type { Clock } from '../../clock/clock.js';
import { checkConnectionUrl, ConnectionUrlError } from './connection-url.js';
import { messageOf } from './store-errors.js';

/** The call was not answered in time. */
export class StoreSilentError extends Error {}

/** @throws ConnectionUrlError */
export function openClient(url: string): EventStoreDBClient {
  checkConnectionUrl(url);
  let client: EventStoreDBClient;
  try {
    client = EventStoreDBClient.connectionString(url);
  } catch (error) {
    // The client's own words quote the URL, which holds the password; those about files do not.
    const words = messageOf(error);
    const isAboutFiles = /^(?:Failed to load|userCertFile)/.test(words);
    const problem = isAboutFiles
      ? `cannot be used: ${words}`
      : 'is not understood: check hosts, ports and options';
    throw new ConnectionUrlError(`the EventStoreDB URL ${problem}`);
  }
  // One call for each append: docs/adr/0014. The shared stream of BatchAppend has no deadline in
  // 6.2.1, one break of it fails every append of the process, and by its source an answer that comes
  // after a break, or a write that waits during one, throws where nobody can catch it.
  return Object.assign(client, { supports: () => Promise.resolve(false) });
}

/** @throws StoreSilentError after `deadlineMs` */
export async function within<T>(
  clock: Clock,
  deadlineMs: number,
  what: string,
  call: Promise<T>,
): Promise<T> {
  let cancel = (): void => undefined;
  const silence = new Promise<never>((_, reject) => {
    cancel = clock.after(deadlineMs, () => {
      reject(new StoreSilentError(`${what} was not answered within ${String(deadlineMs)} ms`));
    });
  });
  try {
    return await Promise.race([call, silence]);
  } finally {
    cancel();
  }
}

/**
 * Everything that a read gives; the caller bounds it. A cancelled read of the client never ends,
 * hence no iteration.
 * @throws StoreSilentError, and the client's own errors
 */
export async function gather<T>(
  clock: Clock,
  deadlineMs: number,
  what: string,
  read: StreamingRead<T>,
): Promise<T[]> {
  const found: T[] = [];
  const whole = new Promise<T[]>((resolve, reject) => {
    read.on('data', (one: T) => found.push(one));
    read.on('end', () => {
      resolve(found);
    });
    read.on('error', reject);
  });
  try {
    return await within(clock, deadlineMs, what, whole);
  } catch (error) {
    if (error instanceof StoreSilentError) void read.cancel().catch(() => undefined);
    throw error;
  }
}
