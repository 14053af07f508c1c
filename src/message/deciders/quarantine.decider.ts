// Letting a quarantined message go again: a person takes the risk that it is on the phone already.
// It goes as a suspect, by itself; lost once more, it is back in quarantine.
import { isAfter } from '../instant.js';
import type { ReleaseMessage } from '../message.commands.js';
import { MessageNotReleasableError } from '../message.errors.js';
import type { MessageEvent } from '../message.events.js';
import type { KnownMessage } from '../message.state.js';
import { isFinalStatus, isSuspect } from '../parts.js';

export function releaseMessage({ at, reason }: ReleaseMessage, state: KnownMessage): readonly MessageEvent[] {
  // Released before, or never stopped: it goes again as it is.
  if (isSuspect(state) && state.withdrawn === null && !isFinalStatus(state.status) && !state.fallbackDecided)
    return [];
  const why = whyNot(at, state);
  if (why !== null) throw new MessageNotReleasableError(state.messageId, why);
  const parts = state.parts.flatMap((part, index) => (part.state === 'in-doubt' ? [index + 1] : []));
  return [{ type: 'MessageReleased', at, data: { parts, reason } }];
}

function whyNot(at: string, state: KnownMessage): string | null {
  const { status, fallbackDecided, validUntil, withdrawn } = state;
  if (withdrawn !== null) return `it was asked to be cancelled (${withdrawn}); send a new message instead`;
  if (status !== 'quarantined') return `its status is ${status}, and only a quarantined message is released`;
  if (fallbackDecided) return 'its fallback has been decided; follow its outcome instead';
  if (isAfter(at, validUntil)) return `its validity ended at ${validUntil}; send a new message instead`;
  return null;
}
