import { describe, expect, it } from '@jest/globals';
import { SeededRandomness } from '../../clock/virtual-clock.js';
import type { RouteFacts } from '../../message/route-facts.js';
import type { Route } from './route.js';
import { type RoutedConnector, Router, unknownTargets } from './router.js';

const MESSAGE: RouteFacts = {
  to: '+254722000000',
  from: 'SureReach',
  class: 'transactional',
  priority: 'normal',
  tenant: 'default',
  last: null,
};

type Mutable = { -readonly [Key in keyof RoutedConnector]: RoutedConnector[Key] };

function connectors(...names: readonly string[]): Mutable[] {
  return names.map((name) => ({ name, isAvailable: true, load: 0 }));
}

function route(name: string, to: readonly string[], more: Partial<Route> = {}): Route {
  return {
    name,
    when: {},
    to: to.map((connector) => ({ connector, weight: 1 })),
    strategy: 'failover',
    ...more,
  };
}

function router(routes: readonly Route[], of: readonly RoutedConnector[]): Router {
  return new Router(routes, of, new SeededRandomness(5));
}

describe('a route', () => {
  it.each([
    ['country', { country: ['UG', 'KE'] }, { to: '+254722000000' }, { to: '+27831234567' }],
    ['prefix', { prefix: ['25472', '27'] }, { to: '+254722000000' }, { to: '+254733000000' }],
    ['sender', { from: ['20414', 'Sure*'] }, { from: 'SureReach' }, { from: 'Other' }],
    ['class', { class: ['otp'] }, { class: 'otp' }, { class: 'marketing' }],
    ['priority', { priority: ['high'] }, { priority: 'high' }, { priority: 'low' }],
    ['tenant', { tenant: ['acme'] }, { tenant: 'acme' }, { tenant: 'default' }],
  ] as const)('is chosen by %s', (_, when, fits, other) => {
    const routes = [route('named', ['b'], { when })];
    const chosen = router(routes, connectors('a', 'b'));
    expect(chosen.connectorFor({ ...MESSAGE, ...fits })).toBe('b');
    expect(chosen.connectorFor({ ...MESSAGE, ...other })).toBe('a');
  });

  it('needs every one of its conditions', () => {
    const routes = [route('both', ['b'], { when: { prefix: ['254'], class: ['otp'] } })];
    const chosen = router(routes, connectors('a', 'b'));
    expect(chosen.connectorFor({ ...MESSAGE, class: 'otp' })).toBe('b');
    expect(chosen.connectorFor(MESSAGE)).toBe('a');
  });

  it('is the first that fits; what fits none takes the connectors in their order', () => {
    const routes = [
      route('kenya', ['b'], { when: { country: ['KE'] } }),
      route('africa', ['c'], { when: { prefix: ['2'] } }),
    ];
    const chosen = router(routes, connectors('a', 'b', 'c'));
    expect(chosen.connectorFor(MESSAGE)).toBe('b');
    expect(chosen.connectorFor({ ...MESSAGE, to: '+27831234567' })).toBe('c');
    expect(chosen.connectorFor({ ...MESSAGE, to: '+491701234567' })).toBe('a');
  });

  it('tells countries apart that share a calling code', () => {
    const routes = [route('canada', ['b'], { when: { country: ['CA'] } })];
    const chosen = router(routes, connectors('a', 'b'));
    expect(chosen.connectorFor({ ...MESSAGE, to: '+12042345678' })).toBe('b');
    expect(chosen.connectorFor({ ...MESSAGE, to: '+12022345678' })).toBe('a');
  });

  it('that names a connector that does not exist is found out', () => {
    expect(unknownTargets([route('r', ['a', 'nowhere'])], new Set(['a']))).toEqual([
      'route "r" names the connector "nowhere", which does not exist',
    ]);
  });
});

describe('failover', () => {
  it('takes the next connector while the first is down, and the first again when it is back', () => {
    const [a, b] = connectors('a', 'b') as [Mutable, Mutable];
    const chosen = router([route('r', ['a', 'b'])], [a, b]);
    expect(chosen.connectorFor(MESSAGE)).toBe('a');
    a.isAvailable = false;
    expect(chosen.connectorFor(MESSAGE)).toBe('b');
    a.isAvailable = true;
    expect(chosen.connectorFor(MESSAGE)).toBe('a');
  });

  it('lets a message wait when none of its connectors is up, whatever else is', () => {
    const [a, b] = connectors('a', 'b') as [Mutable, Mutable];
    a.isAvailable = false;
    expect(router([route('r', ['a'])], [a, b]).connectorFor(MESSAGE)).toBeNull();
    expect(router([], [{ ...a }]).connectorFor(MESSAGE)).toBeNull();
  });

  it.each(['refused', 'not-sent', 'unknown'] as const)('goes elsewhere after a submit that was %s', (end) => {
    const chosen = router([route('r', ['a', 'b'])], connectors('a', 'b'));
    expect(chosen.connectorFor({ ...MESSAGE, last: { connector: 'a', end } })).toBe('b');
    expect(chosen.connectorFor({ ...MESSAGE, last: { connector: 'b', end } })).toBe('a');
  });

  it('stays where it was throttled, and where there is no other', () => {
    const [a, b] = connectors('a', 'b') as [Mutable, Mutable];
    const chosen = router([route('r', ['a', 'b'])], [a, b]);
    expect(chosen.connectorFor({ ...MESSAGE, last: { connector: 'a', end: 'throttled' } })).toBe('a');
    b.isAvailable = false;
    expect(chosen.connectorFor({ ...MESSAGE, last: { connector: 'a', end: 'refused' } })).toBe('a');
  });
});

describe('strategies', () => {
  const many = (chosen: Router, count: number): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (let n = 0; n < count; n++) {
      const name = chosen.connectorFor(MESSAGE) ?? 'none';
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  };

  it('round-robin gives each its turn, over those that are up', () => {
    const all = connectors('a', 'b', 'c');
    const chosen = router([route('r', ['a', 'b', 'c'], { strategy: 'round-robin' })], all);
    expect(many(chosen, 300)).toEqual({ a: 100, b: 100, c: 100 });
    for (const one of all) one.isAvailable = one.name !== 'b';
    expect(many(chosen, 100)).toEqual({ a: 50, c: 50 });
  });

  it('weighted gives each as often as its weight says', () => {
    const to = [
      { connector: 'a', weight: 3 },
      { connector: 'b', weight: 1 },
    ];
    const counts = many(
      router([{ ...route('r', []), to, strategy: 'weighted' }], connectors('a', 'b')),
      10_000,
    );
    expect(counts['a']).toBeGreaterThan(7_300);
    expect(counts['a']).toBeLessThan(7_700);
  });

  it('least-loaded takes the one with the most of its window free', () => {
    const [a, b] = connectors('a', 'b') as [Mutable, Mutable];
    const chosen = router([route('r', ['a', 'b'], { strategy: 'least-loaded' })], [a, b]);
    a.load = 0.5;
    b.load = 0.2;
    expect(chosen.connectorFor(MESSAGE)).toBe('b');
    b.load = 0.9;
    expect(chosen.connectorFor(MESSAGE)).toBe('a');
  });
});

describe('a dry run', () => {
  it('says which route, which connector and why', () => {
    const [a, b] = connectors('a', 'b') as [Mutable, Mutable];
    const chosen = router([route('kenya', ['a', 'b'], { when: { country: ['KE'] } })], [a, b]);
    expect(chosen.explain(MESSAGE)).toMatchObject({
      connector: 'a',
      why: 'for country KE, route "kenya" (failover)',
    });
    expect(chosen.explain({ ...MESSAGE, last: { connector: 'a', end: 'refused' } }).why).toBe(
      'for country KE, route "kenya" (failover); not a: the last submit there came to nothing',
    );
    a.isAvailable = false;
    b.isAvailable = false;
    expect(chosen.explain(MESSAGE)).toMatchObject({
      connector: null,
      why: expect.stringContaining('none of its connectors takes submits now'),
    });
  });

  it('takes nobody’s turn', () => {
    const chosen = router([route('r', ['a', 'b'], { strategy: 'round-robin' })], connectors('a', 'b'));
    for (let n = 0; n < 3; n++) expect(chosen.explain(MESSAGE).connector).toBe('a');
    expect(chosen.connectorFor(MESSAGE)).toBe('a');
    expect(chosen.explain(MESSAGE).connector).toBe('b');
    expect(chosen.connectorFor(MESSAGE)).toBe('b');
  });
});
