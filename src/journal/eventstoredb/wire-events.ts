// Our events as EventStoreDB records them, and back. Every stream carries a prefix on the server, so
// that several services, and the server's own streams, can share one without being read as ours.
import { type EventData, jsonEvent, type RecordedEvent as WireEvent } from '@eventstore/db-client';
import { toJson } from '../append-rules.js';
import { InvalidAppendError } from '../journal.errors.js';
import type { EventMetadata, NewEvent, RecordedEvent, StreamAppend } from '../journal.js';

// MaxAppendSize of the servers up to 24.x: type, data and metadata of all events of one append.
const MAX_APPEND_OCTETS = 1024 * 1024;

export function toWire({ id, type, data, metadata }: NewEvent): EventData {
  // The client wants index signatures; what is plain JSON has been checked.
  return jsonEvent({ id, type, data: data as Record<string, unknown>, metadata: { ...metadata } });
}

/** @throws Error when the server tells no position, which would silently break whoever follows */
export function fromWire(event: WireEvent, prefix: string): RecordedEvent {
  if (event.position === undefined) throw new Error(`event ${event.id} came without a position`);
  return {
    id: event.id,
    type: event.type,
    data: event.data as object,
    metadata: event.metadata as unknown as EventMetadata,
    stream: event.streamId.slice(prefix.length),
    revision: event.revision,
    position: event.position.commit,
  };
}

/**
 * Refused before anything of the call is written: the server would refuse it after the others.
 * @throws InvalidAppendError
 */
export function assertSizes(appends: readonly StreamAppend[]): void {
  for (const { stream, events } of appends) {
    let octets = 0;
    for (const { type, data, metadata } of events) {
      octets += Buffer.byteLength(type);
      octets +=
        Buffer.byteLength(toJson(stream, type, data)) + Buffer.byteLength(toJson(stream, type, metadata));
    }
    if (octets > MAX_APPEND_OCTETS) {
      throw new InvalidAppendError(
        `append to stream ${stream} has ${String(octets)} octets: EventStoreDB takes ${String(MAX_APPEND_OCTETS)}, divide it`,
      );
    }
  }
}
