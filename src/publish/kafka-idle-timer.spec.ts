import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { cureIdleTimer } from './kafka-idle-timer.js';

const ignore = (): void => undefined;

function queueOf(maxInFlightRequests: number | null = null): RequestQueue {
  const silent = { debug: ignore, warn: ignore };
  return new RequestQueue({
    maxInFlightRequests,
    requestTimeout: 1_000,
    enforceRequestTimeout: false,
    clientId: 'spec',
    broker: '127.0.0.1:9092',
    logger: silent,
  });
}

/** A request, and whether it has left. */
function request(correlationId: number): { readonly left: () => boolean; readonly pushed: object } {
  let left = false;
  const sendRequest = (): void => {
    left = true;
  };
  return {
    left: () => left,
    pushed: { expectResponse: true, sendRequest, entry: { correlationId, resolve: ignore } },
  };
}

beforeEach(() => {
  jest.useFakeTimers();
  cureIdleTimer();
  cureIdleTimer();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a cured connection to a broker', () => {
  it('arms no timer while nothing waits to be sent', () => {
    const queue = queueOf();
    queue.checkPendingRequests();
    const sent = request(1);
    queue.push(sent.pushed);
    queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
    expect(sent.left()).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('still sends what had to wait for a throttled broker, and is quiet afterwards', () => {
    const queue = queueOf();
    queue.maybeThrottle(500);
    const held = request(1);
    queue.push(held.pushed);
    jest.advanceTimersByTime(400);
    expect(held.left()).toBe(false);
    jest.advanceTimersByTime(200);
    expect(held.left()).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('still sends what had to wait for an answer', () => {
    const queue = queueOf(1);
    queue.push(request(1).pushed);
    const second = request(2);
    queue.push(second.pushed);
    expect(second.left()).toBe(false);
    queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
    expect(second.left()).toBe(true);
  });
});
