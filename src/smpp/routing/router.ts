// Which connector a message takes, and why. The first route whose conditions it fits decides; within
// the route its strategy, among the connectors that take submits now. A message whose last submit
// came to nothing goes to another connector of its route when there is one: only throttling leaves
// it where it was, because the connector itself slows down.
//
// | connectors of the route that are available | last submit                 | goes to                   |
// |--------------------------------------------|-----------------------------|---------------------------|
// | none                                       | any                         | waits                     |
// | some                                       | none, or throttled          | as the strategy says      |
// | some, another than the last                | refused, not sent, unknown  | the strategy, without it  |
// | the last alone                             | refused, not sent, unknown  | the same again            |
import type { Randomness } from '../../clock/clock.js';
import type { RouteFacts } from '../../message/route-facts.js';
import { countryOf } from './country-of.js';
import { catchAll, type Route, type RouteCondition, type RouteTarget, type Strategy } from './route.js';

/** A connector as the router sees it. */
export interface RoutedConnector {
  readonly name: string;
  /** Bound, and neither paused nor draining. */
  readonly isAvailable: boolean;
  /** Submits waiting and under way, as a share of its window. */
  readonly load: number;
}

export interface Choice {
  readonly route: Route;
  /** Null: no connector of the route takes submits now; the message waits. */
  readonly connector: string | null;
  /** In one sentence. */
  readonly why: string;
}

export class Router {
  private readonly routes: readonly Route[];
  private readonly turns = new Map<Route, number>();

  constructor(
    routes: readonly Route[],
    private readonly connectors: readonly RoutedConnector[],
    private readonly randomness: Randomness,
  ) {
    this.routes = [...routes, catchAll(connectors.map(({ name }) => name))];
  }

  /** The connector alone; what is asked once per message. */
  connectorFor(facts: RouteFacts): string | null {
    const [first] = this.connectors;
    if (first !== undefined && this.connectors.length === 1) return first.isAvailable ? first.name : null;
    const route = this.routeOf(facts);
    const { candidates } = this.candidatesOf(route, facts);
    return this.pick(route, candidates)?.name ?? null;
  }

  /** The same, with its reason; a dry run changes no turn. */
  explain(facts: RouteFacts): Choice {
    const route = this.routeOf(facts);
    const { candidates, passedOver } = this.candidatesOf(route, facts);
    const turn = this.turns.get(route);
    const chosen = this.pick(route, candidates);
    if (turn === undefined) this.turns.delete(route);
    else this.turns.set(route, turn);
    const fits = `${conditionInWords(route.when)}, route "${route.name}" (${route.strategy})`;
    if (chosen === undefined) {
      return { route, connector: null, why: `${fits}: none of its connectors takes submits now` };
    }
    const because = passedOver === null ? '' : `; not ${passedOver}: the last submit there came to nothing`;
    return { route, connector: chosen.name, why: `${fits}${because}` };
  }

  /** Whether some route leads over another connector, too, that takes submits now. */
  hasAlternative(connector: string): boolean {
    return this.routes.some(
      ({ to }) =>
        to.some((target) => target.connector === connector) &&
        to.some(
          (target) =>
            target.connector !== connector &&
            this.connectors.some(({ name, isAvailable }) => name === target.connector && isAvailable),
        ),
    );
  }

  private routeOf(facts: RouteFacts): Route {
    const found = this.routes.find(({ when }) => fits(when, facts));
    if (found === undefined) throw new RangeError('the catch-all route must fit every message');
    return found;
  }

  private candidatesOf(
    route: Route,
    { last }: RouteFacts,
  ): { readonly candidates: readonly Candidate[]; readonly passedOver: string | null } {
    const candidates = route.to.flatMap(({ connector: name, weight }): Candidate[] => {
      const connector = this.connectors.find((one) => one.name === name);
      return connector?.isAvailable === true ? [{ name, weight, load: connector.load }] : [];
    });
    if (last === null || last.end === 'throttled') return { candidates, passedOver: null };
    const others = candidates.filter(({ name }) => name !== last.connector);
    if (others.length === 0 || others.length === candidates.length) return { candidates, passedOver: null };
    return { candidates: others, passedOver: last.connector };
  }

  private pick(route: Route, candidates: readonly Candidate[]): Candidate | undefined {
    return PICK[route.strategy](candidates, {
      turn: () => {
        const turn = this.turns.get(route) ?? 0;
        this.turns.set(route, turn + 1);
        return turn;
      },
      fraction: () => this.randomness.fraction(),
    });
  }
}

interface Candidate {
  readonly name: string;
  readonly weight: number;
  readonly load: number;
}

interface Luck {
  turn(): number;
  fraction(): number;
}

const PICK: Readonly<
  Record<Strategy, (candidates: readonly Candidate[], luck: Luck) => Candidate | undefined>
> = {
  failover: ([first]) => first,
  'round-robin': (candidates, luck) => candidates[luck.turn() % Math.max(1, candidates.length)],
  'least-loaded': (candidates) =>
    candidates.reduce<Candidate | undefined>(
      (least, one) => (least === undefined || one.load < least.load ? one : least),
      undefined,
    ),
  weighted: (candidates, luck) => {
    let left = luck.fraction() * candidates.reduce((sum, { weight }) => sum + weight, 0);
    return candidates.find(({ weight }) => (left -= weight) < 0) ?? candidates.at(-1);
  },
};

function fits(when: RouteCondition, facts: RouteFacts): boolean {
  return (
    (when.prefix?.some((prefix) => facts.to.startsWith(prefix, 1)) ?? true) &&
    (when.from?.some((from) => fitsSender(from, facts.from)) ?? true) &&
    (when.class?.includes(facts.class) ?? true) &&
    (when.priority?.includes(facts.priority) ?? true) &&
    (when.tenant?.includes(facts.tenant) ?? true) &&
    // Last: it is the dear one.
    (when.country?.includes(countryOf(facts.to)) ?? true)
  );
}

function fitsSender(pattern: string, from: string): boolean {
  return pattern.endsWith('*') ? from.startsWith(pattern.slice(0, -1)) : from === pattern;
}

function conditionInWords(when: RouteCondition): string {
  const given = Object.entries(when).map(([name, values]: [string, readonly string[]]) =>
    `${name} ${values.join(' or ')}`.trim(),
  );
  return given.length === 0 ? 'for every message' : `for ${given.join(', ')}`;
}

/** Names in the routes that are no connector: a slip of the pen that would let messages wait for ever. */
export function unknownTargets(routes: readonly Route[], connectors: ReadonlySet<string>): readonly string[] {
  return routes.flatMap(({ name, to }) =>
    to
      .filter(({ connector }: RouteTarget) => !connectors.has(connector))
      .map(({ connector }) => `route "${name}" names the connector "${connector}", which does not exist`),
  );
}
