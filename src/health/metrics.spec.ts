import { afterEach, describe, expect, it } from '@jest/globals';
import { Metrics } from './metrics.js';

describe('the metrics', () => {
  let metrics: Metrics;
  afterEach(() => {
    metrics.close();
  });

  it('are given in the Prometheus text format under one prefix', async () => {
    metrics = new Metrics();
    metrics.messagesAccepted.inc({ source: 'bulk' }, 500);
    expect(await metrics.render()).toContain('surereach_messages_accepted_total{source="bulk"} 500');
  });

  it('read gauges when asked, and survive a reader that fails', async () => {
    metrics = new Metrics();
    metrics.onRender(() => Promise.reject(new Error('no database')));
    metrics.onRender(() => {
      metrics.queueDepth.set({ waiting_for: 'submit' }, 7);
    });
    expect(await metrics.render()).toContain('surereach_queue_depth{waiting_for="submit"} 7');
  });
});
