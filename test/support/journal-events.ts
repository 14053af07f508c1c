// New events for journal tests, of the shape and size that real ones have.
import { uuidOf } from '../../src/clock/ids.js';
import type { NewEvent } from '../../src/journal/journal.js';

/** The same name always gives the same event. */
export function eventNamed(name: string, data: object = { name }): NewEvent {
  const correlationId = uuidOf(`correlation/${name}`);
  return {
    id: uuidOf(name),
    type: 'SomethingHappened',
    data,
    metadata: {
      correlationId,
      causationId: correlationId,
      tenantId: 'default',
      at: '2026-11-21T10:00:00.000Z',
      schemaVersion: 1,
    },
  };
}

export function eventsNamed(name: string, count: number): NewEvent[] {
  return Array.from({ length: count }, (_, n) => eventNamed(`${name}/${String(n)}`));
}
