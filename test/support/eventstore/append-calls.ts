// Append, one call each, and BatchAppend, many on one stream, on the wire.
import grpc from '@grpc/grpc-js';
import code from '@eventstore/db-client/generated/code_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import type { Clock } from '../../../src/clock/clock.js';
import { LOST, type NodeFaults } from './node-faults.js';
import type { AppendAnswer, Expected, ProposedEvent, StoredLog } from './stored-log.js';
import { identifier, nameOf, uuidOf } from './wire-values.js';

export interface AppendNode {
  readonly log: StoredLog;
  readonly faults: NodeFaults;
  readonly clock: Clock;
  /** How many appends came, by the call they came with. */
  readonly counts: { unary: number; batch: number };
}

type Unary = grpc.ServerReadableStream<streams.AppendReq, streams.AppendResp>;
type Batch = grpc.ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;
type AnyOptions = streams.AppendReq.Options | streams.BatchAppendReq.Options;
type AnyMessage = streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage;

export function unaryAppend(
  node: AppendNode,
  call: Unary,
  answer: grpc.sendUnaryData<streams.AppendResp>,
): void {
  node.counts.unary += 1;
  let options: streams.AppendReq.Options | undefined;
  const events: ProposedEvent[] = [];
  call.on('data', (request: streams.AppendReq) => {
    options ??= request.getOptions();
    const message = request.getProposedMessage();
    if (message !== undefined) events.push(eventOf(message));
  });
  call.on('error', () => undefined);
  call.on('end', () => {
    const refusal = node.faults.refusal(call.metadata);
    if (refusal !== undefined) {
      answer(refusal);
      return;
    }
    if (options === undefined) {
      answer({ code: grpc.status.INVALID_ARGUMENT, details: 'no options' });
      return;
    }
    const stream = nameOf(options.getStreamIdentifier());
    const expected = expectedOf(options, options.hasRevision() ? options.getRevision() : undefined);
    perform(node, stream, expected, events, (result) => {
      if (result === 'lost') answer(LOST);
      else unaryAnswer(stream, result, answer);
    });
  });
}

export function batchAppend(node: AppendNode, call: Batch): void {
  const gathered = new Map<string, { options: streams.BatchAppendReq.Options; events: ProposedEvent[] }>();
  call.on('error', () => undefined);
  call.on('end', () => {
    call.end();
  });
  call.on('data', (request: streams.BatchAppendReq) => {
    const refusal = node.faults.refusal(call.metadata);
    if (refusal !== undefined) {
      call.emit('error', refusal);
      return;
    }
    const correlation = request.getCorrelationId();
    const id = uuidOf(correlation);
    const options = gathered.get(id)?.options ?? request.getOptions();
    if (options === undefined) throw new Error('a batch began without options');
    const events = gathered.get(id)?.events ?? [];
    gathered.set(id, { options, events });
    events.push(...request.getProposedMessagesList().map(eventOf));
    if (!request.getIsFinal()) return;
    gathered.delete(id);
    node.counts.batch += 1;
    const stream = nameOf(options.getStreamIdentifier());
    const expected = expectedOf(
      options,
      options.hasStreamPosition() ? options.getStreamPosition() : undefined,
    );
    perform(node, stream, expected, events, (result) => {
      if (result === 'lost') call.emit('error', LOST);
      else call.write(batchAnswer(stream, result).setCorrelationId(correlation));
    });
  });
}

function perform(
  { log, faults, clock }: AppendNode,
  stream: string,
  expected: Expected,
  events: readonly ProposedEvent[],
  done: (result: AppendAnswer | 'lost') => void,
): void {
  const fault = faults.takeAppendFault();
  if (fault === 'silent-before') return;
  if (fault === 'lost-before') {
    done('lost');
    return;
  }
  const write = (): void => {
    const result = log.append(stream, expected, events);
    if (fault === undefined) done(result);
    if (fault === 'lost-after') done('lost');
  };
  if (faults.slowMs > 0) clock.after(faults.slowMs, write);
  else write();
}

function unaryAnswer(
  stream: string,
  result: AppendAnswer,
  answer: grpc.sendUnaryData<streams.AppendResp>,
): void {
  const response = new streams.AppendResp();
  const trailer = new grpc.Metadata();
  trailer.set('stream-name', encodeURIComponent(stream));
  switch (result.is) {
    case 'appended': {
      const position = new streams.AppendResp.Position()
        .setCommitPosition(String(result.position))
        .setPreparePosition(String(result.position));
      const success = new streams.AppendResp.Success();
      answer(
        null,
        response.setSuccess(success.setCurrentRevision(String(result.revision)).setPosition(position)),
      );
      return;
    }
    case 'wrong-version': {
      const wrong = new streams.AppendResp.WrongExpectedVersion();
      if (result.current === undefined) wrong.setCurrentNoStream(new shared.Empty());
      else wrong.setCurrentRevision(String(result.current));
      if (typeof result.expected === 'bigint') wrong.setExpectedRevision(String(result.expected));
      else if (result.expected === 'no-stream') wrong.setExpectedNoStream(new shared.Empty());
      else wrong.setExpectedStreamExists(new shared.Empty());
      answer(null, response.setWrongExpectedVersion(wrong));
      return;
    }
    case 'deleted':
      trailer.set('exception', 'stream-deleted');
      answer({ code: grpc.status.FAILED_PRECONDITION, details: 'stream deleted', metadata: trailer });
      return;
    case 'too-large':
      trailer.set('exception', 'maximum-append-size-exceeded');
      trailer.set('maximum-append-size', String(result.limit));
      answer({ code: grpc.status.INVALID_ARGUMENT, details: 'maximum append size', metadata: trailer });
  }
}

function batchAnswer(stream: string, result: AppendAnswer): streams.BatchAppendResp {
  const response = new streams.BatchAppendResp().setStreamIdentifier(identifier(stream));
  switch (result.is) {
    case 'appended': {
      const position = new shared.AllStreamPosition()
        .setCommitPosition(String(result.position))
        .setPreparePosition(String(result.position));
      const success = new streams.BatchAppendResp.Success();
      return response.setSuccess(success.setCurrentRevision(String(result.revision)).setPosition(position));
    }
    case 'wrong-version': {
      const wrong = new shared.WrongExpectedVersion();
      if (result.current !== undefined) wrong.setCurrentStreamRevision(String(result.current));
      if (typeof result.expected === 'bigint') wrong.setExpectedStreamPosition(String(result.expected));
      return response.setError(failure('WrongExpectedVersion', wrong.serializeBinary()));
    }
    case 'deleted': {
      const deleted = new shared.StreamDeleted().setStreamIdentifier(identifier(stream));
      return response.setError(failure('StreamDeleted', deleted.serializeBinary()));
    }
    case 'too-large': {
      const exceeded = new shared.MaximumAppendSizeExceeded().setMaxappendsize(result.limit);
      return response.setError(failure('MaximumAppendSizeExceeded', exceeded.serializeBinary()));
    }
  }
}

function failure(name: string, packed: Uint8Array): status.Status {
  const details = new any.Any();
  details.pack(packed, `event_store.client.${name}`);
  return new status.Status().setCode(code.Code.FAILED_PRECONDITION).setMessage(name).setDetails(details);
}

function expectedOf(options: AnyOptions, revision: string | undefined): Expected {
  if (revision !== undefined) return BigInt(revision);
  if (options.hasNoStream()) return 'no-stream';
  return options.hasStreamExists() ? 'stream-exists' : 'any';
}

function eventOf(message: AnyMessage): ProposedEvent {
  const described = message.getMetadataMap();
  return {
    id: uuidOf(message.getId()),
    type: described.get('type') ?? '',
    contentType: described.get('content-type') ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}
