// The recorded shape of a new event, built in one place so that every adapter's are alike.
import type { NewEvent, RecordedEvent } from './journal.js';

export function recorded(event: NewEvent, stream: string, revision: bigint, position: bigint): RecordedEvent {
  return {
    id: event.id,
    type: event.type,
    data: event.data,
    metadata: event.metadata,
    stream,
    revision,
    position,
  };
}
