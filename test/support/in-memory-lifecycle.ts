// The command side without a store: the real decider over messages kept in memory. Records every
// command, and can be told to fail as a store does.
import { type Handled, MessageLifecycle } from '../../src/lifecycle/message-lifecycle.js';
import type { MessageCommand } from '../../src/message/message.commands.js';
import { decide } from '../../src/message/message.decider.js';
import { MessageError } from '../../src/message/message.errors.js';
import type { MessageEvent } from '../../src/message/message.events.js';
import { evolve, initialState, type KnownMessage, type Message } from '../../src/message/message.js';
import { nextStepOf, type WaitingFor } from '../../src/message/next-step.js';
import { type DueCall, DueCalls } from '../../src/voice/due-calls.js';

export class InMemoryLifecycle extends MessageLifecycle {
  /** Every command that was handled, in order, those without effect included. */
  readonly commands: MessageCommand[] = [];
  /** Every event, in order. */
  readonly events: (MessageEvent & { readonly messageId: string })[] = [];
  /** Asked before commands are handled and messages are loaded; what it returns is thrown. */
  failWith: (commands: readonly MessageCommand[] | 'load') => Error | null = () => null;
  private readonly messages = new Map<string, Message>();
  private readonly listeners = new Set<() => void>();

  override async handleMany(commands: readonly MessageCommand[]): Promise<readonly Handled[]> {
    // As a store does, answers later than it was asked.
    await new Promise((resolve) => setImmediate(resolve));
    this.failIfTold(commands);
    const handled = commands.map((command) => this.handle(command));
    for (const listener of this.listeners) listener();
    return handled;
  }

  override async load(messageIds: readonly string[]): Promise<ReadonlyMap<string, KnownMessage>> {
    await new Promise((resolve) => setImmediate(resolve));
    this.failIfTold('load');
    const known = new Map<string, KnownMessage>();
    for (const id of messageIds) {
      const message = this.messages.get(id);
      if (message !== undefined && message.status !== 'none') known.set(id, message);
    }
    return known;
  }

  /** Puts a message where it is wanted, without commands. */
  given(messageId: string, events: readonly MessageEvent[]): void {
    this.messages.set(messageId, events.reduce(evolve, initialState));
    for (const listener of this.listeners) listener();
  }

  message(messageId: string): KnownMessage {
    const message = this.messages.get(messageId);
    if (message === undefined || message.status === 'none') throw new Error(`no message ${messageId}`);
    return message;
  }

  all(): readonly KnownMessage[] {
    return [...this.messages.values()].filter((message) => message.status !== 'none');
  }

  eventsOf(messageId: string): readonly MessageEvent['type'][] {
    return this.events.filter((event) => event.messageId === messageId).map((event) => event.type);
  }

  commandsOf(messageId: string): readonly MessageCommand['type'][] {
    return this.commands.filter((command) => command.messageId === messageId).map((command) => command.type);
  }

  onChanged(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  private handle(command: MessageCommand): Handled {
    this.commands.push(command);
    const before = this.messages.get(command.messageId) ?? initialState;
    try {
      const events = decide(command, before);
      const message = events.reduce(evolve, before);
      this.messages.set(command.messageId, message);
      for (const event of events) this.events.push({ ...event, messageId: command.messageId });
      if (message.status === 'none') throw new Error('a handled message is known');
      return { status: 'handled', message, events };
    } catch (error) {
      if (error instanceof MessageError) return { status: 'refused', error };
      throw error;
    }
  }

  private failIfTold(commands: readonly MessageCommand[] | 'load'): void {
    const error = this.failWith(commands);
    if (error !== null) throw error;
  }
}

/** The read model of due calls as it would be without any lag. */
export class InMemoryDueCalls extends DueCalls {
  asked = 0;

  constructor(private readonly lifecycle: InMemoryLifecycle) {
    super();
  }

  override due(now: string, limit: number): Promise<readonly DueCall[]> {
    this.asked += 1;
    return Promise.resolve(this.waitingFor('call', now, limit));
  }

  override overdueReports(now: string, limit: number): Promise<readonly DueCall[]> {
    return Promise.resolve(this.waitingFor('call-report', now, limit));
  }

  private waitingFor(what: WaitingFor, now: string, limit: number): readonly DueCall[] {
    return this.lifecycle
      .all()
      .map((message) => ({ messageId: message.messageId, step: nextStepOf(message) }))
      .filter(({ step }) => step?.waitingFor === what && step.dueAt <= now)
      .sort((a, b) => ((a.step?.dueAt ?? '') < (b.step?.dueAt ?? '') ? -1 : 1))
      .slice(0, limit)
      .map(({ messageId }) => ({ messageId }));
  }
}
