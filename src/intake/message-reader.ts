// A request → the command that accepts it, or every reason why not. The hot path of uploads:
// no promises, no allocation beyond the command, repeated senders and texts worked out once.
import { LRUCache } from 'lru-cache';
import type { MessageConfig } from '../config/config.js';
import { type FieldProblem, type ProblemKind, shown } from '../http/http.errors.js';
import { fieldProblems } from '../http/zod-problems.js';
import { plusSeconds } from '../message/instant.js';
import type { AcceptMessage } from '../message/message.commands.js';
import type { Channels, SmsChannel, VoiceChannel } from '../message/message.events.js';
import { readMsisdn } from '../message/msisdn.js';
import { readSourceAddress } from '../message/source-address.js';
import { ContentReader } from './content-reader.js';
import { MessageRequest } from './message-request.js';

export interface RequestContext {
  readonly messageId: string;
  /** When the request came in: ISO 8601 UTC with milliseconds. */
  readonly at: string;
  /** Name of the upload the row belongs to; null for a single request. */
  readonly batch: string | null;
}

export interface Refusal {
  readonly kind: ProblemKind;
  readonly errors: readonly FieldProblem[];
}

// A year: further ahead it is a typing error, and SMPP's absolute time has two digits for the year.
const HORIZON_SECONDS = 366 * 86_400;

// An upload rarely has more senders than that; one entry is about 100 octets.
const REMEMBERED_SENDERS = 1000;

export class MessageReader {
  private readonly senders = new LRUCache<string, FieldProblem | 'valid'>({ max: REMEMBERED_SENDERS });
  private readonly defaultChannels: Channels;
  private readonly smsAlone: Channels;
  private readonly contents: ContentReader;
  private lastValidity: { from: string; until: string } | null = null;

  constructor(private readonly config: MessageConfig) {
    this.defaultChannels = Object.freeze([this.smsChannel({}), this.voiceChannel({})]);
    this.smsAlone = Object.freeze([this.smsChannel({})]);
    this.contents = new ContentReader(config);
  }

  read(input: unknown, context: RequestContext): AcceptMessage | Refusal {
    const request = this.readRequest(input);
    return 'kind' in request ? request : this.accept(request, context);
  }

  /** The request as it was written, before anything is made of it. */
  readRequest(input: unknown): MessageRequest | Refusal {
    const parsed = MessageRequest.safeParse(input);
    if (!parsed.success) return { kind: 'invalid-request', errors: fieldProblems(parsed.error, input) };
    if (parsed.data.text === undefined && parsed.data.binary === undefined) {
      return { kind: 'invalid-request', errors: [{ field: 'text', problem: 'is missing' }] };
    }
    return parsed.data;
  }

  accept(request: MessageRequest, { messageId, at, batch }: RequestContext): AcceptMessage | Refusal {
    const errors: FieldProblem[] = [];
    const from = request.from ?? this.config.defaultFrom ?? '';
    const to = this.destination(request.to, errors);
    this.checkSender(from, errors);
    const content = this.contents.read(request, errors);
    const sendAt = request.sendAt === undefined ? null : utc(request.sendAt);
    const validUntil =
      request.validUntil === undefined ? this.defaultValidity(sendAt ?? at) : utc(request.validUntil);
    if (request.sendAt !== undefined || request.validUntil !== undefined)
      checkTimes(at, sendAt, validUntil, errors);
    if (batch !== null && request.batch !== undefined) {
      errors.push({ field: 'batch', problem: 'is given by the upload: remove it from the row' });
    }
    if (request.binary !== undefined && (request.channels?.length ?? 1) > 1) {
      errors.push({ field: 'channels', problem: 'must be sms alone: a binary message cannot be spoken' });
    }
    if (errors.length > 0 || content === null) return { kind: 'invalid-message', errors };
    return {
      type: 'AcceptMessage',
      messageId,
      at,
      to,
      from,
      ...content,
      priority: request.priority ?? 'normal',
      class: request.class ?? 'transactional',
      channels: this.channelsOf(request),
      validUntil,
      sendAt,
      reference: request.reference ?? null,
      batch: batch ?? request.batch ?? null,
      locale: request.locale ?? null,
    };
  }

  private destination(to: string, errors: FieldProblem[]): string {
    const number = readMsisdn(to, this.config.defaultCountry);
    if (number.status === 'valid') return number.e164;
    errors.push({ field: 'to', problem: number.problem, value: shown(to) });
    return to;
  }

  private checkSender(from: string, errors: FieldProblem[]): void {
    let known = this.senders.get(from);
    if (known === undefined) {
      known = senderProblem(from) ?? 'valid';
      this.senders.set(from, known);
    }
    if (known !== 'valid') errors.push(known);
  }

  private defaultValidity(from: string): string {
    if (this.lastValidity?.from !== from) {
      this.lastValidity = { from, until: plusSeconds(from, this.config.validitySeconds) };
    }
    return this.lastValidity.until;
  }

  private channelsOf({ channels, binary }: MessageRequest): Channels {
    if (channels === undefined) return binary === undefined ? this.defaultChannels : this.smsAlone;
    const [first, second] = channels;
    const sms = this.smsChannel(first?.channel === 'sms' ? first : {});
    return second?.channel === 'voice' ? [sms, this.voiceChannel(second)] : [sms];
  }

  private smsChannel(asked: {
    fallbackAfter?: number | undefined;
    successStatus?: SmsChannel['successStatus'] | undefined;
  }): SmsChannel {
    return {
      channel: 'sms',
      fallbackAfterSeconds: asked.fallbackAfter ?? this.config.fallbackAfterSeconds,
      successStatus: asked.successStatus ?? 'delivered',
    };
  }

  private voiceChannel(asked: {
    maxCalls?: number | undefined;
    retryAfter?: number | undefined;
  }): VoiceChannel {
    return {
      channel: 'voice',
      maxCalls: asked.maxCalls ?? this.config.maxCalls,
      retryAfterSeconds: asked.retryAfter ?? this.config.retryAfterSeconds,
    };
  }
}

function senderProblem(from: string): FieldProblem | undefined {
  if (from === '') return { field: 'from', problem: 'is missing, and the service has no DEFAULT_FROM' };
  const sender = readSourceAddress(from);
  return sender.status === 'refused'
    ? { field: 'from', problem: sender.problem, value: shown(from) }
    : undefined;
}

function checkTimes(at: string, sendAt: string | null, validUntil: string, errors: FieldProblem[]): void {
  const horizon = plusSeconds(at, HORIZON_SECONDS);
  const late = 'lies more than a year ahead';
  if (sendAt !== null && sendAt > horizon) errors.push({ field: 'sendAt', problem: late, value: sendAt });
  if (validUntil > horizon) errors.push({ field: 'validUntil', problem: late, value: validUntil });
  if (validUntil <= at) errors.push({ field: 'validUntil', problem: 'lies in the past', value: validUntil });
  else if (sendAt !== null && validUntil <= sendAt) {
    errors.push({ field: 'validUntil', problem: 'must lie after sendAt', value: validUntil });
  }
}

/** The normal form of every instant in an event; such instants sort like their text. */
function utc(instant: string): string {
  return new Date(Date.parse(instant)).toISOString();
}
