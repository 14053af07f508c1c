// One connection of an ESME, seen from the SMSC.
//
// | mode                    | event                    | next mode, answer                          |
// |-------------------------|--------------------------|--------------------------------------------|
// | open                    | bind_* accepted          | transmitter / receiver / transceiver       |
// | open                    | bind_* refused           | open; bind_resp with the reason            |
// | bound                   | bind_*                   | same; ESME_RALYBND                         |
// | transmitter, transceiver| submit_sm, data_sm       | same; submit_sm_resp, data_sm_resp         |
// | transmitter, transceiver| query, cancel, replace_sm| same; its response (ask-desk.ts)           |
// | open, receiver          | any of these             | same; ESME_RINVBNDSTS                      |
// | any but closed          | enquire_link             | same; enquire_link_resp                    |
// | any but closed          | unbind                   | closed; unbind_resp, then FIN              |
// | any but closed          | another command          | same; generic_nack ESME_RINVCMDID          |
// | any but closed          | invalid command_length   | closed; generic_nack ESME_RINVCMDLEN, FIN  |
// | any                     | link gone                | closed; unanswered deliver_sm to the account |
//
// Responses are never answered, generic_nack neither: two sides nacking nacks never stop.
import type { Socket } from 'node:net';
import { countStatus } from '../record/counters.js';
import type { DisconnectMode } from '../outcome/settings.js';
import { PduFramer, type PduHandler } from '../wire/pdu-framer.js';
import { CommandId, CommandStatus, INTERFACE_VERSION_3_4, RESPONSE_BIT } from '../wire/pdu.js';
import type { AlertNotification, PduWriter } from '../wire/pdu-writer.js';
import type { Account, Receiver } from '../delivery/account.js';
import type { AskDesk } from './ask-desk.js';
import { judgeBind } from './bind-judge.js';
import type { Centre, CentreSession, SessionMode } from './centre.js';
import type { Delivery } from '../delivery/delivery.js';
import { DeliveryWindow } from '../delivery/delivery-window.js';
import { SocketOutput } from './socket-output.js';
import type { SubmitDesk, SubmittingSession } from './submit-desk.js';

const MODE_BY_BIND: ReadonlyMap<number, SessionMode> = new Map([
  [CommandId.BIND_TRANSMITTER, 'transmitter'],
  [CommandId.BIND_RECEIVER, 'receiver'],
  [CommandId.BIND_TRANSCEIVER, 'transceiver'],
]);

/** How long a peer may take to close its side after our FIN; guess, tests close at once. */
const LINGER_MS = 1000;

/** As in bind_resp. */
const SMSC_SYSTEM_ID = 'SMSCSIM';

export class Session implements PduHandler, Receiver, CentreSession, SubmittingSession {
  readonly id: number;
  mode: SessionMode = 'open';
  account: Account | undefined;
  private readonly output: SocketOutput;
  private readonly window: DeliveryWindow;
  private readonly framer = new PduFramer(this);
  private chunkAtMs = 0;
  private enquiredAtMs: number;

  constructor(
    private readonly socket: Socket,
    private readonly centre: Centre,
    private readonly desk: SubmitDesk,
    private readonly asks: AskDesk,
  ) {
    this.output = new SocketOutput(
      socket,
      () => centre.settings,
      () => this.account?.pump(),
    );
    this.id = centre.join(this);
    this.window = new DeliveryWindow(this.id, centre, this.output.writer);
    this.enquiredAtMs = centre.clock.monotonicMs();
    socket.on('data', (chunk) => {
      this.read(chunk);
    });
    // The close that follows an error says all that matters here.
    socket.on('error', () => undefined);
    socket.on('end', () => {
      this.close();
    });
    socket.on('close', () => {
      this.close();
    });
  }

  get writer(): PduWriter {
    return this.output.writer;
  }

  get isClosed(): boolean {
    return this.mode === 'closed';
  }

  get unacknowledged(): number {
    return this.window.size;
  }

  get canDeliver(): boolean {
    return this.window.hasRoom && !this.output.blocked && !this.centre.settings.silent;
  }

  deliver(delivery: Delivery): void {
    this.window.send(delivery);
  }

  flush(): void {
    if (this.isClosed) return;
    this.centre.ledger.flush();
    this.output.flush();
  }

  sweep(nowMs: number): void {
    const { enquireLinkIntervalMs, silent } = this.centre.settings;
    if (this.account === undefined || silent) return;
    this.window.sweep(this.account, nowMs);
    if (enquireLinkIntervalMs === 0 || nowMs - this.enquiredAtMs < enquireLinkIntervalMs) return;
    this.enquiredAtMs = nowMs;
    this.writer.header(CommandId.ENQUIRE_LINK, 0, this.window.nextSequenceNumber());
  }

  disconnect(mode: DisconnectMode | 'unbind'): void {
    if (this.isClosed) return;
    if (mode === 'unbind') {
      // The ESME answers and closes.
      this.writer.header(CommandId.UNBIND, 0, this.window.nextSequenceNumber());
      this.flush();
      return;
    }
    this.flush();
    this.close();
    if (mode === 'rst') this.socket.resetAndDestroy();
    else this.endSocket();
  }

  alert(alert: AlertNotification): void {
    this.writer.alertNotification(this.window.nextSequenceNumber(), alert);
    this.flush();
  }

  destroy(): void {
    this.close();
    this.socket.destroy();
  }

  pdu(buffer: Buffer, start: number, end: number): void {
    if (this.isClosed) return;
    const commandId = buffer.readUInt32BE(start + 4);
    const sequenceNumber = buffer.readUInt32BE(start + 12);
    if (this.centre.settings.silent) {
      this.centre.counters.pdusIgnored += 1;
      this.centre.record({ kind: 'ignored', session: this.id, commandId, sequenceNumber });
    } else if (commandId >= RESPONSE_BIT) {
      this.response(commandId, buffer.readUInt32BE(start + 8), sequenceNumber);
    } else if (commandId === CommandId.SUBMIT_SM || commandId === CommandId.DATA_SM) {
      this.submit(commandId, sequenceNumber, buffer, start, end);
    } else {
      this.request(commandId, sequenceNumber, buffer, start, end);
    }
  }

  private read(chunk: Buffer): void {
    this.chunkAtMs = this.centre.clock.monotonicMs();
    if (!this.framer.push(chunk) && !this.isClosed) {
      // SMPP 3.4 §4.3.1: sequence_number 0 when the original could not be decoded.
      this.nack(CommandStatus.ESME_RINVCMDLEN, 0);
      this.disconnect('fin');
    }
    // Answers to this chunk made room in the window, and receipts without delay wait.
    this.account?.pump();
    this.flush();
  }

  private submit(
    commandId: number,
    sequenceNumber: number,
    buffer: Buffer,
    start: number,
    end: number,
  ): void {
    const { centre } = this;
    centre.counters.submits += 1;
    centre.lastSubmitAt = centre.clock.now();
    centre.firstSubmitAt ??= centre.lastSubmitAt;
    if (this.account === undefined || this.mode === 'receiver') {
      countStatus(centre.counters.refused, CommandStatus.ESME_RINVBNDSTS);
      this.writer.header(RESPONSE_BIT + commandId, CommandStatus.ESME_RINVBNDSTS, sequenceNumber);
      return;
    }
    this.desk.take(this, this.account, commandId, sequenceNumber, buffer, start, end);
  }

  private request(
    commandId: number,
    sequenceNumber: number,
    buffer: Buffer,
    start: number,
    end: number,
  ): void {
    const mode = MODE_BY_BIND.get(commandId);
    if (mode !== undefined) {
      this.bind(mode, commandId, sequenceNumber, buffer, start, end);
    } else if (commandId === CommandId.ENQUIRE_LINK) {
      this.centre.counters.enquireLinks += 1;
      this.writer.header(RESPONSE_BIT + CommandId.ENQUIRE_LINK, 0, sequenceNumber);
    } else if (commandId === CommandId.UNBIND) {
      this.centre.counters.unbinds += 1;
      this.writer.header(RESPONSE_BIT + CommandId.UNBIND, 0, sequenceNumber);
      this.disconnect('fin');
    } else if (!this.asks.take(this, this.account, commandId, sequenceNumber, buffer, start, end)) {
      this.nack(CommandStatus.ESME_RINVCMDID, sequenceNumber);
    }
  }

  private response(commandId: number, status: number, sequenceNumber: number): void {
    const { counters } = this.centre;
    if (commandId === RESPONSE_BIT + CommandId.DELIVER_SM) {
      this.window.answered(sequenceNumber, status, this.chunkAtMs);
    } else if (commandId === RESPONSE_BIT + CommandId.ENQUIRE_LINK) {
      counters.enquireLinksAnswered += 1;
    } else if (commandId === RESPONSE_BIT + CommandId.UNBIND) {
      this.disconnect('fin');
    } else if (commandId === CommandId.GENERIC_NACK) {
      counters.genericNacksReceived += 1;
      this.window.answered(sequenceNumber, status, this.chunkAtMs);
    } else {
      counters.strayResponses += 1;
    }
  }

  private bind(
    mode: SessionMode,
    commandId: number,
    sequenceNumber: number,
    buffer: Buffer,
    start: number,
    end: number,
  ): void {
    const { centre } = this;
    const bound = this.account !== undefined;
    const judged = bound ? CommandStatus.ESME_RALYBND : judgeBind(centre, buffer, start, end);
    if (typeof judged === 'number') {
      countStatus(centre.counters.bindsRefused, judged);
      this.writer.header(RESPONSE_BIT + commandId, judged, sequenceNumber);
      return;
    }
    const { account, interfaceVersion } = judged;
    this.writer.hasTlvs = interfaceVersion >= INTERFACE_VERSION_3_4;
    centre.counters.binds += 1;
    this.mode = mode;
    this.account = account;
    centre.record({ kind: 'bound', session: this.id, systemId: account.systemId, mode });
    this.writer.bindResp(commandId, sequenceNumber, SMSC_SYSTEM_ID);
    if (mode !== 'transmitter') account.join(this);
  }

  private nack(status: number, sequenceNumber: number): void {
    this.centre.counters.genericNacksSent += 1;
    this.writer.header(CommandId.GENERIC_NACK, status, sequenceNumber);
  }

  /** No more PDUs either way. What is still to come from the peer is read and dropped. */
  private close(): void {
    if (this.isClosed) return;
    const { account, mode } = this;
    this.mode = 'closed';
    this.centre.leave(this);
    this.centre.record({ kind: 'closed', session: this.id, systemId: account?.systemId ?? null, mode });
    if (account === undefined) return;
    account.leave(this);
    this.window.close(account);
    account.pump();
  }

  /** FIN behind the last answer: closing with unread octets would reset, and destroy that answer. */
  private endSocket(): void {
    this.output.end();
    const cancel = this.centre.clock.after(LINGER_MS, () => this.socket.destroy());
    this.socket.once('close', cancel);
  }
}
