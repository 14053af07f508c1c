import { describe, expect, it } from '@jest/globals';
import { type Floor, Lifespan, type LivingPart } from './lifespan.js';

function house(): { lifespan: Lifespan; told: string[]; errors: object[]; part: typeof part } {
  const told: string[] = [];
  const errors: object[] = [];
  const lifespan = new Lifespan({
    debug: () => undefined,
    error: (fields: object) => void errors.push(fields),
  });
  function part(name: string, floor: Floor, overrides: Partial<LivingPart> = {}): void {
    lifespan.add({
      name,
      floor,
      start: () => void told.push(`start ${name}`),
      stop: () => void told.push(`stop ${name}`),
      ...overrides,
    });
  }
  return { lifespan, told, errors, part };
}

describe('the parts of the service', () => {
  it('start from the ground up and stop in the reverse order, whatever the order they were added in', async () => {
    const { lifespan, told, part } = house();
    part('sender', 'senders');
    part('fallback', 'managers');
    part('leases', 'store');
    part('caller', 'managers');
    part('read models', 'readers');
    await lifespan.start();
    expect(told).toEqual(
      ['leases', 'read models', 'fallback', 'caller', 'sender'].map((name) => `start ${name}`),
    );
    told.length = 0;
    await lifespan.stop();
    expect(told).toEqual(
      ['sender', 'caller', 'fallback', 'read models', 'leases'].map((name) => `stop ${name}`),
    );
  });

  it('wait for one another', async () => {
    const { lifespan, told, part } = house();
    const slowly = (what: string) => async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      told.push(what);
    };
    part('leases', 'store', { start: slowly('start leases'), stop: slowly('stop leases') });
    part('sender', 'senders', { start: slowly('start sender'), stop: slowly('stop sender') });
    await lifespan.start();
    await lifespan.stop();
    expect(told).toEqual(['start leases', 'start sender', 'stop sender', 'stop leases']);
  });

  it('that started, the failed one included, are stopped when one cannot start', async () => {
    const { lifespan, told, part } = house();
    part('leases', 'store');
    part('caller', 'managers', {
      start: () => {
        throw new Error('no gateway');
      },
    });
    part('sender', 'senders');
    await expect(lifespan.start()).rejects.toThrow('no gateway');
    await lifespan.stop();
    expect(told).toEqual(['start leases', 'stop caller', 'stop leases']);
  });

  it('stop although one of them fails to', async () => {
    const { lifespan, told, errors, part } = house();
    part('leases', 'store');
    part('sender', 'senders', { stop: () => Promise.reject(new Error('link lost')) });
    await lifespan.start();
    await lifespan.stop();
    expect(told).toEqual(['start leases', 'start sender', 'stop leases']);
    expect(errors).toEqual([{ part: 'sender', error: 'Error: link lost' }]);
  });

  it('stop once, however often they are told to', async () => {
    const { lifespan, told, part } = house();
    part('leases', 'store');
    await lifespan.start();
    await Promise.all([lifespan.stop(), lifespan.stop()]);
    expect(told).toEqual(['start leases', 'stop leases']);
  });
});
