// A cure for kafkajs 2.2.4. Its request queue arms a timer after every answer, also when nothing waits;
// the delay is negative then, so the timer fires and is armed again for ever: 2,700 times a second with
// three idle brokers. With something waiting it arms a proper one, so that is the only time to let it.
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

const { prototype } = RequestQueue;
const original: (this: RequestQueue) => void = prototype.scheduleCheckPendingRequests;

/** Safe to call twice; before the first connection. */
export function cureIdleTimer(): void {
  prototype.scheduleCheckPendingRequests = function scheduleOnlyWhenNeeded(this: RequestQueue): void {
    if (this.pending.length > 0) original.call(this);
  };
}
