// The one inner part of npm `kafkajs` 2.2.4 that kafka-idle-timer.ts mends; the package types its surface only.
declare module 'kafkajs/src/network/requestQueue/index.js' {
  class RequestQueue {
    constructor(options: object);
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests: (this: RequestQueue) => void;
    push(request: object): void;
    fulfillRequest(response: object): void;
    checkPendingRequests(): void;
    maybeThrottle(forMs: number): void;
  }
  export default RequestQueue;
}
