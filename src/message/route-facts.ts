// What decides which connector a message takes: known when it is accepted, but for how its last
// submit ended.
import type { MessageClass, Priority } from './message.events.js';
import type { KnownMessage } from './message.state.js';

/** How the last attempt came to nothing. */
export interface LastSubmit {
  readonly connector: string;
  /**
   * throttled: the connector slows down, the message stays · refused: for a reason that may pass ·
   * not-sent: the link was down · unknown: never answered, and sent again by policy.
   */
  readonly end: 'throttled' | 'refused' | 'not-sent' | 'unknown';
}

export interface RouteFacts {
  /** E.164 with +. */
  readonly to: string;
  readonly from: string;
  readonly class: MessageClass;
  readonly priority: Priority;
  readonly tenant: string;
  /** Null before the first submit. */
  readonly last: LastSubmit | null;
}

/** There is one tenant today; routes may already name it. */
export const DEFAULT_TENANT = 'default';

export function routeFactsOf(message: KnownMessage): RouteFacts {
  const { to, from, priority } = message;
  return { to, from, class: message.class, priority, tenant: DEFAULT_TENANT, last: lastSubmitOf(message) };
}

function lastSubmitOf({ lastAttempt, lastDeferral }: KnownMessage): LastSubmit | null {
  if (lastAttempt === null) return null;
  const { connector } = lastAttempt;
  return { connector, end: lastDeferral?.connector === connector ? lastDeferral.cause : 'unknown' };
}
