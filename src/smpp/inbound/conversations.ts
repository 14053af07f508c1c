// Load → decide → append for conversations: what phones send becomes durable here, and only here.
//
// One batch at a time, so that what waits meanwhile goes together into the next: one durable write for
// all of them. Between processes the expected revision decides; a conflict reads the stream again.
// What a conversation remembers is kept in memory only to save reading: it is taken out of the cache
// to be changed, and put back when the append is known to have succeeded.
import { LRUCache } from 'lru-cache';
import type { Clock, Randomness } from '../../clock/clock.js';
import { newUuid, uuidOf } from '../../clock/ids.js';
import {
  type AppendOutcome,
  type Journal,
  NO_STREAM,
  type NewEvent,
  type StreamAppend,
} from '../../journal/journal.js';
import { Conversation } from '../../message/conversation.js';
import { decideInbound, type InboundCommand } from '../../message/conversation.decider.js';
import {
  conversationStream,
  INBOUND_SCHEMA_VERSION,
  type InboundEvent,
  toInboundEvent,
} from '../../message/inbound.events.js';
import { ConversationContendedError } from '../smpp.errors.js';

/** Our address and theirs, in the form of messages. */
export interface Parties {
  readonly ours: string;
  readonly theirs: string;
}

/** Finds what a phone answers to. */
export interface SentMessages {
  /** The last message sent by `ours` to `theirs`, in the order of the pairs; null where there is none. */
  lastSent(pairs: readonly Parties[]): Promise<readonly (string | null)[]>;
}

interface Request {
  readonly parties: Parties;
  readonly command: InboundCommand;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What one batch wants of one conversation. */
interface Work {
  readonly conversationId: string;
  readonly requests: readonly Request[];
  readonly inReplyTo: string | null;
}

interface Loaded {
  readonly conversation: Conversation;
  readonly revision: bigint;
}

/** Contents and parts remembered, some 200 octets each: together about 20 MB. */
const CACHED_SIZE = 100_000;

/** A guess: what the windows of a few SMSCs bring at once. */
const BATCH = 500;

/** Two processes rarely meet in one conversation, and then once. */
const MAX_TRIES = 8;

export function conversationIdOf({ ours, theirs }: Parties): string {
  return uuidOf(JSON.stringify(['conversation', ours, theirs]));
}

export class Conversations {
  private readonly cache = new LRUCache<string, Loaded>({
    maxSize: CACHED_SIZE,
    sizeCalculation: ({ conversation }) => conversation.size,
  });
  private queue: Request[] = [];
  private running = false;

  constructor(
    private readonly journal: Journal,
    private readonly sent: SentMessages,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
  ) {}

  /**
   * Resolves when what follows from it is durable, also when nothing does. Commands to one
   * conversation take effect in the order in which they were given.
   *
   * @throws JournalUnavailableError, AppendOutcomeUnknownError, ConversationContendedError: have it
   *   sent again; what was recorded all the same is recognised as a repeat.
   * @throws Error when a newer build wrote to the conversation: run that build.
   */
  handle(parties: Parties, command: InboundCommand): Promise<void> {
    return new Promise((resolve, reject) => {
      this.queue.push({ parties, command, resolve, reject });
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    await Promise.resolve(); // the rest of what one read of a socket brought joins in
    while (this.queue.length > 0) {
      const batch = this.queue.splice(0, BATCH);
      try {
        await this.handleBatch(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.running = false;
  }

  private async handleBatch(batch: readonly Request[]): Promise<void> {
    let left = await this.workOf(batch);
    for (let tries = 0; left.length > 0; tries++) {
      if (tries >= MAX_TRIES) throw new ConversationContendedError(tries);
      const loaded = await this.load(left);
      left = await this.append(
        left.flatMap((work) => {
          const conversation = loaded.get(work.conversationId);
          return conversation === undefined ? [] : [{ work, loaded: conversation }];
        }),
      );
    }
  }

  private async workOf(batch: readonly Request[]): Promise<readonly Work[]> {
    const requests = new Map<string, Request[]>();
    for (const request of batch) {
      const conversationId = conversationIdOf(request.parties);
      const known = requests.get(conversationId);
      if (known === undefined) requests.set(conversationId, [request]);
      else known.push(request);
    }
    const parties = [...requests.values()].flatMap(([first]) => first?.parties ?? []);
    const replies = await this.sent.lastSent(parties);
    return [...requests].map(([conversationId, ofConversation], index) => ({
      conversationId,
      requests: ofConversation,
      inReplyTo: replies[index] ?? null,
    }));
  }

  /** Taken out of the cache, or read. What cannot be read is absent, and its requests are rejected. */
  private async load(works: readonly Work[]): Promise<ReadonlyMap<string, Loaded>> {
    const loaded = new Map<string, Loaded>();
    const missing: Work[] = [];
    for (const work of works) {
      const cached = this.cache.get(work.conversationId);
      this.cache.delete(work.conversationId);
      if (cached === undefined) missing.push(work);
      else loaded.set(work.conversationId, cached);
    }
    if (missing.length === 0) return loaded;
    const streams = await this.journal.readStreams(
      missing.map(({ conversationId }) => conversationStream(conversationId)),
    );
    for (const { conversationId, requests } of missing) {
      const events = streams.get(conversationStream(conversationId)) ?? [];
      const conversation = new Conversation();
      try {
        for (const event of events) conversation.apply(toInboundEvent(event));
        loaded.set(conversationId, { conversation, revision: events.at(-1)?.revision ?? NO_STREAM });
      } catch (error) {
        for (const { reject } of requests) reject(error);
      }
    }
    return loaded;
  }

  /** Settles the requests whose conversation could be appended to; returns the work that met a conflict. */
  private async append(
    decided: readonly { readonly work: Work; readonly loaded: Loaded }[],
  ): Promise<readonly Work[]> {
    const appends: StreamAppend[] = [];
    const pending: { readonly work: Work; readonly loaded: Loaded }[] = [];
    for (const { work, loaded } of decided) {
      const events = this.decide(work, loaded.conversation);
      if (events.length === 0) {
        this.settle(work, loaded);
        continue;
      }
      const stream = conversationStream(work.conversationId);
      appends.push({ stream, expectedRevision: loaded.revision, events });
      pending.push({ work, loaded });
    }
    const outcomes: readonly AppendOutcome[] = appends.length === 0 ? [] : await this.journal.append(appends);
    return pending.flatMap(({ work, loaded: { conversation } }, index) => {
      const outcome = outcomes[index];
      if (outcome?.status !== 'appended') return [work];
      this.settle(work, { conversation, revision: outcome.revision });
      return [];
    });
  }

  /** What follows from the requests, one after another; the conversation knows of it afterwards. */
  private decide(work: Work, conversation: Conversation): readonly NewEvent[] {
    return work.requests.flatMap(({ command }) => {
      const events = decideInbound(conversation, command, work.inReplyTo);
      for (const event of events) conversation.apply(event);
      return events.map((event) => this.newEvent(event, work.conversationId));
    });
  }

  private settle({ conversationId, requests }: Work, loaded: Loaded): void {
    this.cache.set(conversationId, loaded);
    for (const { resolve } of requests) resolve();
  }

  private newEvent({ type, at, data }: InboundEvent, conversationId: string): NewEvent {
    const id = newUuid(this.clock, this.randomness);
    return {
      id,
      type,
      data,
      metadata: {
        correlationId: conversationId,
        causationId: id,
        tenantId: 'default',
        at,
        schemaVersion: INBOUND_SCHEMA_VERSION,
      },
    };
  }
}
