// A route: which messages it is for, and which connectors carry them.
import type { MessageClass, Priority } from '../../message/message.events.js';

/**
 * failover: the first that is available, in order · round-robin: each in turn · weighted: by chance,
 * as often as its weight says · least-loaded: the one with the smallest share of its window in use.
 */
export const STRATEGIES = ['failover', 'round-robin', 'weighted', 'least-loaded'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** A message must fit every condition that is given; each by any of its values. */
export interface RouteCondition {
  /** ISO 3166-1 alpha-2, of the recipient's number. */
  readonly country?: readonly string[];
  /** Leading digits of the recipient's number in E.164, without +. */
  readonly prefix?: readonly string[];
  /** The sender as it stands in the message; `*` at the end stands for any rest. */
  readonly from?: readonly string[];
  readonly class?: readonly MessageClass[];
  readonly priority?: readonly Priority[];
  readonly tenant?: readonly string[];
}

export interface RouteTarget {
  readonly connector: string;
  /** Only for `weighted`; 1 when absent. */
  readonly weight: number;
}

export interface Route {
  readonly name: string;
  readonly when: RouteCondition;
  /** At least one, in the order of preference. */
  readonly to: readonly RouteTarget[];
  readonly strategy: Strategy;
}

/** The route of messages that no other route is for: every connector, in the order of the file. */
export function catchAll(connectors: readonly string[]): Route {
  return {
    name: 'everything else',
    when: {},
    to: connectors.map((connector) => ({ connector, weight: 1 })),
    strategy: 'failover',
  };
}
