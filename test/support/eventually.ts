// Waits for a state of the world by listening for changes, never by sleeping; gives up loudly.
import { SystemClock } from '../../src/clock/system-clock.js';

const clock = new SystemClock();

/** Anything that tells of its changes. */
export type Subscribe = (listener: () => void) => () => void;

/**
 * Resolves as soon as `holds` is true, looking at once and after every change.
 * @param what completes "waited in vain for …"
 */
export function eventually(
  subscribe: Subscribe,
  what: string,
  holds: () => boolean,
  deadlineMs = 10_000,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(deadlineMs, () => {
      unsubscribe();
      reject(new Error(`waited ${String(deadlineMs)} ms in vain for ${what}`));
    });
    const look = (): void => {
      if (!holds()) return;
      cancel();
      unsubscribe();
      resolve();
    };
    const unsubscribe = subscribe(look);
    look();
  });
}

/** Lets everything that is ready run: promises and immediates, but no timer. */
export async function quiet(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}
