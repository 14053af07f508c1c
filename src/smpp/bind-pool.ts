// All binds of one connector as one: which are up, how much they take together, and which of them
// carries what. Parts go to the emptiest session first, in order, so that no session starves.
import type { BindKeeper } from './bind-keeper.js';
import type { HostRotation } from './host-rotation.js';
import type { SubmitSm } from './pdu/submit-sm.js';
import type { SessionCounters } from './session/session-counters.js';
import type { BindMode } from './session/session-options.js';
import type { SessionState } from './session/session-state.js';
import type { Session } from './session/session.js';
import type { EndedSubmit } from './session/submit-end.js';

export interface SubmitItem<Tag> {
  readonly pdu: SubmitSm;
  readonly tag: Tag;
}

export interface Bind<Tag> {
  readonly mode: BindMode;
  readonly keeper: BindKeeper<Tag>;
  readonly rotation: HostRotation;
  /** Of its sessions, one after the other. */
  readonly counters: SessionCounters;
}

/** One bind as it stands; its figures are since the connector was made. */
export interface BindStatus {
  /** Mode and number, as `transceiver-1`: the same as long as the connector is. */
  readonly bind: string;
  readonly mode: BindMode;
  /** Where it is bound, or dials next. */
  readonly host: string;
  /** CLOSED between two sessions. */
  readonly state: SessionState;
  readonly windowInUse: number;
  readonly unansweredDelivers: number;
  readonly binds: number;
  readonly linksLost: number;
  readonly submits: number;
  readonly submitsAnswered: number;
  readonly submitsTimedOut: number;
  readonly submitsLinkLost: number;
  /** deliver_sm and data_sm. */
  readonly delivers: number;
}

export class BindPool<Tag> {
  private readonly senders: readonly Bind<Tag>[];

  constructor(readonly all: readonly Bind<Tag>[]) {
    this.senders = all.filter(({ mode }) => mode !== 'receiver');
  }

  /**
   * Whether submits may leave: at least one session sends, and at least one receives, or receipts
   * would not be seen and people be called for nothing.
   */
  get isUp(): boolean {
    return (
      this.senders.some(({ keeper }) => keeper.isBound) &&
      this.all.some(({ mode, keeper }) => mode !== 'transmitter' && keeper.isBound)
    );
  }

  get bound(): number {
    return this.all.filter(({ keeper }) => keeper.isBound).length;
  }

  /** The status by which the SMSC refuses the account at some bind; null when it does not. */
  get accountRefusedBy(): string | null {
    return this.all.find(({ keeper }) => keeper.accountRefusedBy !== null)?.keeper.accountRefusedBy ?? null;
  }

  /** submit_sm that await their answer. */
  get outstanding(): number {
    return this.sum((session) => session.outstanding);
  }

  /** deliver_sm that await ours. */
  get unansweredDelivers(): number {
    return this.sum((session) => session.unansweredDelivers);
  }

  /** Each bind by itself, in the order in which they were made. */
  statuses(): readonly BindStatus[] {
    const made = new Map<BindMode, number>();
    return this.all.map(({ mode, keeper: { session }, rotation, counters }) => {
      const number = (made.get(mode) ?? 0) + 1;
      made.set(mode, number);
      const { host, port } = rotation.current;
      return {
        bind: `${mode}-${String(number)}`,
        mode,
        host: `${host}:${String(port)}`,
        state: session?.state ?? 'CLOSED',
        windowInUse: session?.outstanding ?? 0,
        unansweredDelivers: session?.unansweredDelivers ?? 0,
        binds: counters.binds,
        linksLost: counters.linksLost,
        submits: counters.submitsSent,
        submitsAnswered: counters.submitsAnswered,
        submitsTimedOut: counters.submitsTimedOut,
        submitsLinkLost: counters.submitsLinkLost,
        delivers: counters.deliversReceived,
      };
    });
  }

  /** submit_sm that may be sent now. */
  room(): number {
    return this.sum((session) => session.room());
  }

  /** Sends the first `count` items, at most room(). Returns those that could not be written. */
  submit(items: readonly SubmitItem<Tag>[], count: number): readonly EndedSubmit<Tag>[] {
    const [only, second] = this.senders;
    if (only !== undefined && second === undefined) return only.keeper.session?.submit(items, count) ?? [];
    const sessions = this.senders
      .flatMap(({ keeper: { session } }) => (session === null ? [] : [{ session, room: session.room() }]))
      .filter(({ room }) => room > 0)
      .sort((a, b) => b.room - a.room);
    const unsendable: EndedSubmit<Tag>[] = [];
    let room = sessions.reduce((sum, one) => sum + one.room, 0);
    let from = 0;
    for (const one of sessions) {
      const share = Math.min(one.room, Math.ceil(((count - from) * one.room) / room));
      room -= one.room;
      if (share <= 0) continue;
      unsendable.push(...one.session.submit(items.slice(from, from + share), share));
      from += share;
    }
    return unsendable;
  }

  /** The session that carries one request more at once: it sends, and has the most room. */
  roomiest(): Session<Tag> | null {
    let best: Session<Tag> | null = null;
    for (const { keeper } of this.senders) {
      const { session } = keeper;
      if (session !== null && session.room() > (best?.room() ?? 0)) best = session;
    }
    return best;
  }

  start(): void {
    for (const { keeper } of this.all) keeper.start();
  }

  drain(): void {
    for (const { keeper } of this.all) keeper.session?.drain();
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map(({ keeper }) => keeper.stop()));
  }

  /**
   * Every session ends in order, what it owes first, and is bound anew, from the first host on; those
   * between two bind now.
   */
  rebind(): void {
    for (const { rotation } of this.all) rotation.restart();
    for (const { keeper } of this.all) keeper.rebind();
  }

  private sum(of: (session: Session<Tag>) => number): number {
    return this.all.reduce((sum, { keeper: { session } }) => sum + (session === null ? 0 : of(session)), 0);
  }
}
