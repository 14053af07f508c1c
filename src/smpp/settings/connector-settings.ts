// What is configured of the connectors and of the routes between them.
import type { InDoubtPolicy } from '../../message/message.commands.js';
import type { ConnectorOptions } from '../connector.options.js';
import type { InboundOptions } from '../inbound/inbound-listener.js';
import type { SubmitFormOptions } from '../submit-form.options.js';
import type { Route } from '../routing/route.js';

export interface ConnectorSettings {
  readonly connector: ConnectorOptions;
  readonly inDoubtPolicy: InDoubtPolicy;
  /** Connectors of one group bring each other's receipts and parts of messages from phones. */
  readonly group: string;
  readonly form: SubmitFormOptions;
  readonly inbound: Omit<InboundOptions, 'connector' | 'group'>;
}

export interface ConnectorSet {
  /** At least one; names are unique. */
  readonly connectors: readonly ConnectorSettings[];
  /** In the order in which they are tried. A message that fits none takes any connector. */
  readonly routes: readonly Route[];
}

/** Jasmin's bind_to is 30 s; an SMSC that works answers within one. */
export const BIND_TIMEOUT_MS = 10_000;
