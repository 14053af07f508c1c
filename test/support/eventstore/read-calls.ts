// Read on the wire: one stream or everything, forwards or backwards, filtered, once or for ever.
import grpc from '@grpc/grpc-js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { StoredEvent, StoredLog } from './stored-log.js';
import type { NodeFaults } from './node-faults.js';
import { identifier, nameOf } from './wire-values.js';

export interface ReadNode {
  readonly log: StoredLog;
  readonly faults: NodeFaults;
}

type Call = grpc.ServerWritableStream<streams.ReadReq, streams.ReadResp>;
type Options = streams.ReadReq.Options;
type Matches = (event: StoredEvent) => boolean;

const { BACKWARDS } = streams.ReadReq.Options.ReadDirection;
// .NET counts ticks of 100 ns, and the clients of this field divide by 10,000 without any shift.
const CREATED_TICKS = String(1_700_000_000_000n * 10_000n);
// maxSearchWindow when the client names none.
const SEARCH_WINDOW = 32;

export function read(node: ReadNode, call: Call): void {
  const refusal = node.faults.refusal(call.metadata);
  if (refusal !== undefined) {
    call.emit('error', refusal);
    return;
  }
  if (node.faults.silentReads) return;
  const options = call.request.getOptions() ?? new streams.ReadReq.Options();
  if (options.hasSubscription()) subscribe(node.log, call, options);
  else void readOnce(node.log, call, options);
}

async function readOnce(log: StoredLog, call: Call, options: Options): Promise<void> {
  const stream = options.getStream();
  const name = nameOf(stream?.getStreamIdentifier());
  if (stream !== undefined && log.isTombstoned(name)) {
    const trailer = new grpc.Metadata();
    trailer.set('exception', 'stream-deleted');
    trailer.set('stream-name', encodeURIComponent(name));
    call.emit('error', { code: grpc.status.FAILED_PRECONDITION, details: 'deleted', metadata: trailer });
    return;
  }
  const events = stream === undefined ? allOf(log, options) : streamOf(log, name, stream, options);
  if (events === undefined) {
    const absent = new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier(name));
    call.write(new streams.ReadResp().setStreamNotFound(absent));
  } else {
    const count = Number(options.getCount());
    for (const event of events.slice(0, count)) await send(call, event);
  }
  call.end();
}

function streamOf(
  log: StoredLog,
  name: string,
  from: streams.ReadReq.Options.StreamOptions,
  options: Options,
): readonly StoredEvent[] | undefined {
  const events = log.read(name);
  if (events === undefined) return undefined;
  const revision = from.hasRevision() ? BigInt(from.getRevision()) : undefined;
  if (options.getReadDirection() === BACKWARDS) {
    return events.filter((event) => revision === undefined || event.revision <= revision).reverse();
  }
  if (from.hasEnd()) return [];
  return events.filter((event) => event.revision >= (revision ?? 0n));
}

/** Forwards from a position, that one included; backwards what stands before it. */
function allOf(log: StoredLog, options: Options): readonly StoredEvent[] {
  const from = options.getAll();
  const matches = filterOf(options);
  const at = from?.hasPosition() === true ? BigInt(from.getPosition()?.getCommitPosition() ?? 0) : undefined;
  if (options.getReadDirection() === BACKWARDS) {
    const end = at === undefined ? log.events.length : indexFrom(log, at);
    return log.events.slice(0, end).filter(matches).reverse();
  }
  if (from?.hasEnd() === true) return [];
  return log.events.slice(at === undefined ? 0 : indexFrom(log, at)).filter(matches);
}

function subscribe(log: StoredLog, call: Call, options: Options): void {
  const matches = filterOf(options);
  const window = options.getFilter()?.getMax() ?? 0;
  const every = (options.getFilter()?.getCheckpointintervalmultiplier() ?? 0) * (window || SEARCH_WINDOW);
  let next = firstOf(log, options);
  let seen = 0;
  let over = false;
  let caughtUp = false;
  let sending = false;
  const pump = async (): Promise<void> => {
    if (sending) return;
    sending = true;
    for (; !over && next < log.events.length; next += 1) {
      const event = log.events[next];
      if (event === undefined) break;
      if (matches(event)) await send(call, event);
      seen += 1;
      if (every > 0 && seen % every === 0) call.write(checkpoint(event.position));
    }
    sending = false;
    if (!caughtUp && !over) call.write(new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));
    caughtUp = true;
  };
  const stop = log.onAppended(() => void pump());
  const end = (): void => {
    over = true;
    stop();
  };
  call.on('cancelled', end);
  call.on('close', end);
  const confirmation = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId('subscription');
  call.write(new streams.ReadResp().setConfirmation(confirmation));
  void pump();
}

/** A subscription goes on after its position, that one excluded. */
function firstOf(log: StoredLog, options: Options): number {
  const stream = options.getStream();
  if (stream !== undefined) {
    const last = log.events.length;
    return stream.hasEnd() ? last : 0;
  }
  const all = options.getAll();
  if (all?.hasEnd() === true) return log.events.length;
  const position = all?.getPosition();
  return position === undefined ? 0 : indexFrom(log, BigInt(position.getCommitPosition()) + 1n);
}

function filterOf(options: Options): Matches {
  const stream = options.getStream();
  if (stream !== undefined) {
    const name = nameOf(stream.getStreamIdentifier());
    const after = stream.hasRevision() ? BigInt(stream.getRevision()) : -1n;
    return (event) => event.stream === name && event.revision > after;
  }
  const filter = options.getFilter();
  const expression = filter?.getStreamIdentifier() ?? filter?.getEventType();
  if (filter === undefined || expression === undefined) return () => true;
  const prefixes = expression.getPrefixList();
  const pattern = expression.getRegex() === '' ? undefined : new RegExp(expression.getRegex(), 'u');
  const onStream = filter.hasStreamIdentifier();
  return (event) => {
    const subject = onStream ? event.stream : event.type;
    return pattern?.test(subject) ?? prefixes.some((prefix) => subject.startsWith(prefix));
  };
}

/** Index of the first event at or after a position. */
function indexFrom(log: StoredLog, position: bigint): number {
  let low = 0;
  let high = log.events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((log.events[middle]?.position ?? 0n) < position) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function send(call: Call, event: StoredEvent): Promise<void> {
  const record = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(event.id))
    .setStreamIdentifier(identifier(event.stream))
    .setStreamRevision(String(event.revision))
    .setCommitPosition(String(event.position))
    .setPreparePosition(String(event.position))
    .setData(event.data)
    .setCustomMetadata(event.metadata);
  record.getMetadataMap().set('type', event.type);
  record.getMetadataMap().set('content-type', event.contentType);
  record.getMetadataMap().set('created', CREATED_TICKS);
  const found = new streams.ReadResp.ReadEvent().setEvent(record).setCommitPosition(String(event.position));
  if (call.write(new streams.ReadResp().setEvent(found))) return;
  await new Promise<void>((resolve) => {
    const goOn = (): void => {
      call.off('drain', goOn);
      call.off('cancelled', goOn);
      resolve();
    };
    call.on('drain', goOn);
    call.on('cancelled', goOn);
  });
}

function checkpoint(position: bigint): streams.ReadResp {
  const reached = new streams.ReadResp.Checkpoint()
    .setCommitPosition(String(position))
    .setPreparePosition(String(position));
  return new streams.ReadResp().setCheckpoint(reached);
}
