// An event of a message as it stands in the feed: a CloudEvent 1.0 in structured JSON, whose key is the
// message id. Consumers rely on this shape (docs/EVENTS.md, docs/adr/0015-feed-of-lifecycle-events.md).
import type { RecordedEvent } from '../journal/journal.js';
import type { MessageEvent } from '../message/message.events.js';
import type { FeedRecord } from './feed-producer.js';
import { withoutPersonalData } from './personal-data.js';

export type PersonalData = 'masked' | 'full';

/** CloudEvents §3.1.1: with the id of an event it names that event once and for all. */
const SOURCE = '/surereach/messages';

export function lifecycleRecord(
  recorded: RecordedEvent,
  event: MessageEvent,
  messageId: string,
  personalData: PersonalData,
): FeedRecord {
  const { id, stream, revision, position, metadata } = recorded;
  const version = String(metadata.schemaVersion);
  const type = `surereach.${event.type}.v${version}`;
  const cloudEvent = {
    specversion: '1.0',
    id,
    source: SOURCE,
    type,
    subject: messageId,
    time: metadata.at,
    datacontenttype: 'application/json',
    dataschema: `urn:surereach:event:${event.type}:${version}`,
    correlationid: metadata.correlationId,
    causationid: metadata.causationId,
    tenantid: metadata.tenantId,
    // Text: integers of CloudEvents end at 2³¹, and positions do not.
    revision: String(revision),
    position: String(position),
    data: personalData === 'full' ? event.data : withoutPersonalData(event),
  };
  return {
    key: messageId,
    value: JSON.stringify(cloudEvent),
    headers: {
      'content-type': 'application/cloudevents+json; charset=UTF-8',
      'event-id': id,
      'event-type': type,
      stream,
      revision: String(revision),
      position: String(position),
    },
    source: { eventId: id, type: event.type, stream, revision, position },
  };
}
