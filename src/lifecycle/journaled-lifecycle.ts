// Load → decide → append over the journal: the only appender of message streams.
//
// Commands to one message run one after another in this process (a second append at the same
// revision would only conflict); between processes the expected revision decides. The cache
// holds what this process appended or read last; it is never trusted beyond the revision check.
import type { Clock, Randomness } from '../clock/clock.js';
import { newUuid } from '../clock/ids.js';
import {
  type AppendOutcome,
  type Journal,
  NO_STREAM,
  type NewEvent,
  type RecordedEvent,
  type StreamAppend,
} from '../journal/journal.js';
import type { MessageCommand } from '../message/message.commands.js';
import { decide } from '../message/message.decider.js';
import { MessageError, MessageHistoryBrokenError } from '../message/message.errors.js';
import type { MessageEvent } from '../message/message.events.js';
import { evolve, initialState, type KnownMessage, type Message } from '../message/message.js';
import { MessageContendedError, UnknownEventError } from './lifecycle.errors.js';
import { type Handled, MessageLifecycle } from './message-lifecycle.js';
import { messageStream, toMessageEvent, toNewEvent } from './message-stream.js';
import { type Loaded, RecentStates } from './recent-states.js';

interface Decided {
  readonly messageId: string;
  readonly append: StreamAppend;
  readonly after: Loaded;
}

/** Two processes rarely meet on one message, and then once; more than this is a bug or an attack. */
const MAX_TRIES = 8;

const UNBORN: Loaded = { message: initialState, revision: NO_STREAM };

export class JournaledLifecycle extends MessageLifecycle {
  /** Messages with commands under way, and when the last of them is done. */
  private readonly busy = new Map<string, Promise<void>>();

  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
    /** Told of what became durable, in lists; for metrics. */
    private readonly onRecorded: (events: readonly NewEvent[]) => void = () => undefined,
    private readonly cache = new RecentStates(),
  ) {
    super();
  }

  override async handleMany(commands: readonly MessageCommand[]): Promise<readonly Handled[]> {
    const results = new Array<Handled | undefined>(commands.length);
    const { free, blocked, blockers } = this.partition(commands);
    // Both take their places now: who comes later for the same message stands behind them.
    const ends = await Promise.allSettled([
      this.handleInTurn(commands, free, undefined, results),
      this.handleInTurn(commands, blocked, blockers, results),
    ]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return results as Handled[];
  }

  override async load(messageIds: readonly string[]): Promise<ReadonlyMap<string, KnownMessage>> {
    const loaded = await this.loadMany(messageIds, false);
    const known = new Map<string, KnownMessage>();
    for (const [id, { message }] of loaded) if (message.status !== 'none') known.set(id, message);
    return known;
  }

  /** Splits what may start now from what waits for commands of the same message that came before. */
  private partition(commands: readonly MessageCommand[]): {
    readonly free: readonly number[];
    readonly blocked: readonly number[];
    readonly blockers: ReadonlySet<Promise<void>>;
  } {
    const free: number[] = [];
    const blocked: number[] = [];
    const blockers = new Set<Promise<void>>();
    commands.forEach(({ messageId }, index) => {
      const blocker = this.busy.get(messageId);
      if (blocker === undefined) {
        free.push(index);
      } else {
        blocked.push(index);
        blockers.add(blocker);
      }
    });
    return { free, blocked, blockers };
  }

  /**
   * Handles commands when those before them are done. One message's commands are handled in the order
   * in which they were given, whatever else their lists hold: the first of two receipts stays the first.
   */
  private async handleInTurn(
    commands: readonly MessageCommand[],
    indexes: readonly number[],
    blockers: ReadonlySet<Promise<void>> | undefined,
    results: (Handled | undefined)[],
  ): Promise<void> {
    if (indexes.length === 0) return;
    let release: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const index of indexes) this.busy.set(commandAt(commands, index).messageId, turn);
    try {
      if (blockers !== undefined) await Promise.all(blockers);
      await this.handleUntilDone(commands, indexes, results);
    } finally {
      for (const index of indexes) {
        const { messageId } = commandAt(commands, index);
        if (this.busy.get(messageId) === turn) this.busy.delete(messageId);
      }
      release();
    }
  }

  private async handleUntilDone(
    commands: readonly MessageCommand[],
    indexes: readonly number[],
    results: (Handled | undefined)[],
  ): Promise<void> {
    let waiting = indexes;
    for (let tries = 0; waiting.length > 0; tries++) {
      if (tries >= MAX_TRIES) {
        throw new MessageContendedError(
          waiting.map((index) => commandAt(commands, index).messageId),
          tries,
        );
      }
      waiting = await this.decideAndAppend(commands, waiting, results);
    }
  }

  private async decideAndAppend(
    commands: readonly MessageCommand[],
    indexes: readonly number[],
    results: (Handled | undefined)[],
  ): Promise<readonly number[]> {
    const { loaded, cached } = await this.loadFor(commands, indexes);
    const decided = this.decideAll(commands, indexes, loaded, results);
    // A cached state that led to nothing may be behind another process, and no revision check
    // will tell: read those again before believing it.
    const doubtful = new Set([...cached].filter((id) => !decided.has(id)));
    if (doubtful.size > 0) {
      const again = indexes.filter((index) => doubtful.has(commandAt(commands, index).messageId));
      const fresh = await this.loadMany([...doubtful], true);
      for (const [id, draft] of this.decideAll(commands, again, fresh, results)) decided.set(id, draft);
    }
    if (decided.size === 0) return [];
    const conflicted = await this.append([...decided.values()]);
    if (conflicted.size === 0) return [];
    return indexes.filter((index) => conflicted.has(commandAt(commands, index).messageId));
  }

  /** Appends and remembers the new states; returns the messages that somebody else changed. */
  private async append(decided: readonly Decided[]): Promise<ReadonlySet<string>> {
    const conflicted = new Set<string>();
    let outcomes: readonly AppendOutcome[];
    try {
      outcomes = await this.journal.append(decided.map(({ append }) => append));
    } catch (error) {
      // Whether it was written is not known here: what the cache says may be stale either way.
      for (const { messageId } of decided) this.cache.delete(messageId);
      throw error;
    }
    decided.forEach(({ messageId, after }, i) => {
      if (outcomes[i]?.status === 'appended') this.cache.set(messageId, after);
      else conflicted.add(messageId);
    });
    this.onRecorded(
      decided.flatMap(({ messageId, append }) => (conflicted.has(messageId) ? [] : append.events)),
    );
    if (conflicted.size > 0) await this.loadMany([...conflicted], true);
    return conflicted;
  }

  private decideAll(
    commands: readonly MessageCommand[],
    indexes: readonly number[],
    loaded: ReadonlyMap<string, Loaded>,
    results: (Handled | undefined)[],
  ): Map<string, Decided> {
    const drafts = new Map<string, { events: NewEvent[]; before: Loaded; message: Message }>();
    for (const index of indexes) {
      const command = commandAt(commands, index);
      const before = loaded.get(command.messageId) ?? UNBORN;
      const draft = drafts.get(command.messageId) ?? { events: [], before, message: before.message };
      const events = before.unreadable ?? tryDecide(command, draft.message);
      if (events instanceof Error) {
        results[index] = { status: 'refused', error: events };
        continue;
      }
      if (events.length > 0) {
        const commandId = newUuid(this.clock, this.randomness);
        events.forEach((event, i) => {
          draft.message = evolve(draft.message, event);
          draft.events.push(toNewEvent(event, command.messageId, commandId, i));
        });
        drafts.set(command.messageId, draft);
      }
      results[index] = { status: 'handled', message: draft.message as KnownMessage, events };
    }
    const decided = new Map<string, Decided>();
    for (const [messageId, { events, before, message }] of drafts) {
      decided.set(messageId, {
        messageId,
        append: { stream: messageStream(messageId), expectedRevision: before.revision, events },
        after: { message, revision: before.revision + BigInt(events.length) },
      });
    }
    return decided;
  }

  /** A message being accepted is taken as new: if it is not, the revision check says so. */
  private async loadFor(
    commands: readonly MessageCommand[],
    indexes: readonly number[],
  ): Promise<{ loaded: ReadonlyMap<string, Loaded>; cached: ReadonlySet<string> }> {
    const loaded = new Map<string, Loaded>();
    const cached = new Set<string>();
    const missing = new Set<string>();
    for (const index of indexes) {
      const { messageId, type } = commandAt(commands, index);
      const known = this.cache.get(messageId);
      if (known !== undefined) {
        loaded.set(messageId, known);
        cached.add(messageId);
      } else if (type !== 'AcceptMessage') {
        missing.add(messageId);
      }
    }
    if (missing.size > 0)
      for (const [id, value] of await this.loadMany([...missing], true)) loaded.set(id, value);
    return { loaded, cached };
  }

  private async loadMany(ids: readonly string[], remember: boolean): Promise<ReadonlyMap<string, Loaded>> {
    const streams = await this.journal.readStreams(ids.map(messageStream));
    const loaded = new Map<string, Loaded>();
    for (const id of ids) {
      const recorded = streams.get(messageStream(id));
      if (recorded === undefined || recorded.length === 0) continue;
      const value = replay(recorded);
      loaded.set(id, value);
      if (remember) this.cache.set(id, value);
    }
    return loaded;
  }
}

function replay(recorded: readonly RecordedEvent[]): Loaded {
  let message: Message = initialState;
  const revision = BigInt(recorded.length - 1);
  for (const event of recorded) {
    try {
      message = evolve(message, toMessageEvent(event));
    } catch (error) {
      // Whatever is wrong with one stream must not fail the commands to the others.
      const isKnown = error instanceof UnknownEventError || error instanceof MessageHistoryBrokenError;
      const unreadable = isKnown ? error : new MessageHistoryBrokenError(message.status, event.type);
      return { message, revision, unreadable };
    }
  }
  return { message, revision };
}

function commandAt(commands: readonly MessageCommand[], index: number): MessageCommand {
  const command = commands[index];
  if (command === undefined) throw new RangeError(`no command at index ${String(index)}`);
  return command;
}

function tryDecide(command: MessageCommand, message: Message): readonly MessageEvent[] | MessageError {
  try {
    return decide(command, message);
  } catch (error) {
    if (error instanceof MessageError) return error;
    throw error;
  }
}
