// A submitter with everything around it that is not the store, the clock or the SMSC: those three
// do what the test says.
import { InMemoryLifecycle } from './in-memory-lifecycle.js';
import { DueRows } from './due-rows.js';
import { eventually, quiet } from './eventually.js';
import { GatedLifecycle } from './gated-lifecycle.js';
import { at, HOLD } from './message-builders.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import type { NewEvent } from '../../src/journal/journal.js';
import type { InDoubtPolicy, MessageCommand } from '../../src/message/message.commands.js';
import { STANDARD_STATUSES, type StatusMeaning } from '../../src/smpp/pdu/command-status.js';
import { RecentParts } from '../../src/smpp/recent-parts.js';
import { type ConnectorLanes, SendLanes } from '../../src/smpp/send-lanes.js';
import { SubmissionRecorder } from '../../src/smpp/submission-recorder.js';
import { SubmitForm } from '../../src/smpp/submit-form.js';
import type { ReceiptOptions } from '../../src/smpp/pdu/receipt-options.js';
import type { SubmitEnd, SubmitSm } from '../../src/smpp/connector.js';
import type { Submission } from '../../src/smpp/submission.js';
import type { SubmitPort } from '../../src/smpp/submitter.options.js';
import { Submitter } from '../../src/smpp/submitter.js';

export interface Sent {
  readonly pdu: SubmitSm;
  readonly tag: Submission;
}

/** A connector that keeps what it is given, and counts on its window being respected. */
export class FakePort implements SubmitPort {
  readonly name = 'main';
  isAvailable = true;
  readonly sent: Sent[] = [];
  /** How much each call brought, and how much it might have brought. */
  readonly calls: { readonly items: number; readonly room: number }[] = [];
  room = 1_000;
  onSubmit: (items: readonly Sent[]) => void = () => undefined;

  capacity(): number {
    return this.room;
  }

  meaningOf(commandStatus: number): StatusMeaning {
    return STANDARD_STATUSES.meaningOf(commandStatus);
  }

  submit(items: readonly Sent[]): void {
    this.calls.push({ items: items.length, room: this.room });
    this.room = Math.max(0, this.room - items.length);
    this.sent.push(...items);
    this.onSubmit(items);
  }

  /** What was sent, as `message number/part of attempt`. */
  get tags(): readonly string[] {
    return this.sent.map(({ tag }) => tagText(tag));
  }
}

export function tagText({ messageId, part, attempt }: Submission): string {
  return `${String(Number(messageId.slice(-6)))}/${String(part)} of ${String(attempt)}`;
}

export interface SubmitRoomOptions {
  readonly inDoubtPolicy?: InDoubtPolicy;
  readonly slots?: readonly number[];
  readonly group?: string;
  readonly receipts?: ReceiptOptions;
}

export const SENDER = '7';
const ALL_SLOTS = Array.from({ length: 16 }, (_, slot) => slot);

export class SubmitRoom {
  /** One second after the messages of message-commands.ts were accepted. */
  readonly clock = new VirtualClock(Date.parse(at(1)));
  readonly messages = new InMemoryLifecycle();
  readonly lifecycle = new GatedLifecycle(this.messages);
  readonly rows = new DueRows(this.messages);
  readonly port = new FakePort();
  readonly recent = new RecentParts();
  readonly warnings: object[] = [];
  readonly sendLanes: SendLanes;
  readonly lanes: ConnectorLanes;
  readonly recorder: SubmissionRecorder;
  readonly submitter: Submitter;

  constructor({ inDoubtPolicy = HOLD, slots = ALL_SLOTS, ...ids }: SubmitRoomOptions = {}) {
    const { clock, lifecycle, rows, port, recent } = this;
    const warn = (fields: object): void => void this.warnings.push(fields);
    const log = { warn, error: warn };
    this.sendLanes = new SendLanes(rows, clock, () => slots, {
      connectorFor: () => port.name,
      takers: () => [port.name],
    });
    this.lanes = this.sendLanes.of(port.name);
    this.recorder = new SubmissionRecorder(lifecycle, clock, log, () => {
      this.submitter.capacityChanged();
    });
    this.submitter = new Submitter(
      lifecycle,
      this.lanes,
      port,
      new SubmitForm(),
      this.recorder,
      recent,
      clock,
      log,
      { sender: SENDER, inDoubtPolicy, ...ids },
    );
  }

  /** Messages as they stood before the submitter came. */
  async given(...commands: readonly MessageCommand[]): Promise<void> {
    await this.messages.handleMany(commands);
  }

  /** Messages that this process has just accepted. */
  accepted(events: readonly NewEvent[]): void {
    if (this.sendLanes.accepted(events).size > 0) this.submitter.capacityChanged();
  }

  /** Lets `ms` pass, and then everything that became ready run. */
  async pass(ms: number): Promise<void> {
    await quiet();
    this.clock.advance(ms);
    await quiet();
  }

  async start(): Promise<void> {
    this.submitter.start();
    await quiet();
  }

  /** Ends what was sent as `tags` name it. */
  async end(tags: readonly string[], end: SubmitEnd): Promise<void> {
    const ended = tags.map((text) => {
      const sent = this.port.sent.find(({ tag }) => tagText(tag) === text);
      if (sent === undefined) throw new Error(`${text} was not sent; sent: ${this.port.tags.join(', ')}`);
      return { tag: sent.tag, end };
    });
    this.submitter.submitEnded(ended);
    await quiet();
  }

  until(what: string, holds: () => boolean): Promise<void> {
    return eventually((listener) => this.messages.onChanged(listener), what, holds);
  }
}

export function answered(commandStatus: number, smscMessageId = ''): SubmitEnd {
  return { end: 'answered', commandStatus, smscMessageId };
}
