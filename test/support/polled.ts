// Waits for what nobody tells of, such as a row: asks again and again, and gives up loudly.
import { SystemClock } from '../../src/clock/system-clock.js';

const ASK_AGAIN_MS = 20;
const clock = new SystemClock();

/** @param what completes "waited in vain for …" */
export async function polled(
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 10_000,
): Promise<void> {
  const deadline = clock.monotonicMs() + deadlineMs;
  while (!(await holds())) {
    if (clock.monotonicMs() > deadline)
      throw new Error(`waited ${String(deadlineMs)} ms in vain for ${what}`);
    await clock.wait(ASK_AGAIN_MS);
  }
}
