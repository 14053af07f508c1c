import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../clock/virtual-clock.js';
import { HealthChecks } from './health-checks.js';

describe('readiness', () => {
  it('is up without checks, and when every check is', async () => {
    const checks = new HealthChecks(new VirtualClock());
    expect(await checks.readiness()).toEqual({ status: 'up', checks: {} });
    checks.add('journal', () => ({ status: 'up', detail: 'at 7' }));
    expect((await checks.readiness()).status).toBe('up');
  });

  it('is down with the reason of every check that is, throws or rejects', async () => {
    const checks = new HealthChecks(new VirtualClock());
    checks.add('link', () => ({ status: 'down', reason: 'not bound: connection refused' }));
    checks.add('journal', () => Promise.reject(new Error('no database')));
    checks.add('voice', () => {
      throw new Error('no gateway');
    });
    expect(await checks.readiness()).toEqual({
      status: 'down',
      checks: {
        link: { status: 'down', reason: 'not bound: connection refused' },
        journal: { status: 'down', reason: 'no database' },
        voice: { status: 'down', reason: 'no gateway' },
      },
    });
  });

  it('does not wait for a check that never answers', async () => {
    const clock = new VirtualClock();
    const checks = new HealthChecks(clock);
    checks.add('slow', () => new Promise(() => undefined));
    const readiness = checks.readiness();
    clock.advance(1000);
    expect((await readiness).checks['slow']).toEqual({ status: 'down', reason: 'no answer within 900 ms' });
  });

  it('forgets a check that was removed, but not the one that took its place', async () => {
    const checks = new HealthChecks(new VirtualClock());
    const remove = checks.add('link', () => ({ status: 'down', reason: 'old' }));
    checks.add('link', () => ({ status: 'up' }));
    remove();
    expect((await checks.readiness()).checks).toEqual({ link: { status: 'up' } });
  });
});
