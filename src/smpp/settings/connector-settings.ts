// What is configured of the connectors and of the routes between them.
import type { ConnectorOptions } from '../connector.options.js';
import type { Route } from '../routing/route.js';

export interface ConnectorSettings {
  readonly connector: ConnectorOptions;
  /** A submit that was never answered: wait for its receipt, or send it again and perhaps twice. */
  readonly inDoubtPolicy: 'hold' | 'resubmit';
  /** Pause before a part is submitted again after a temporary refusal. */
  readonly retryDelayMs: number;
}

export interface ConnectorSet {
  /** At least one; names are unique. */
  readonly connectors: readonly ConnectorSettings[];
  /** In the order in which they are tried. A message that fits none takes any connector. */
  readonly routes: readonly Route[];
}

/** Kannel tries again after 60 s, Jasmin after 30 s; a throttled part waits less, the rate adapts. */
export const RETRY_DELAY_MS = 1_000;

/** Jasmin's bind_to is 30 s; an SMSC that works answers within one. */
export const BIND_TIMEOUT_MS = 10_000;
