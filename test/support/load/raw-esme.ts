// A raw ESME that does nothing but load an SMSC: prepared submit_sm, a fixed window, receipts
// answered at once. It shares no code with src/, so that it can also testify against it.
import { connect, type Socket } from 'node:net';
import { type RawRun, Run } from './raw-run.js';

export interface RawEsmeOptions {
  readonly port: number;
  readonly host?: string;
  readonly systemId?: string;
  readonly password?: string;
  /** submit_sm without an answer, at most. */
  readonly window: number;
  /** Digits; the SMSC simulator decides the outcome by the last one. */
  readonly destination?: string;
  readonly textOctets?: number;
  /** Whether a receipt is asked for and waited for, one per accepted message. */
  readonly receipts: boolean;
}

const SUBMIT_SM = 0x04;
const DELIVER_SM = 0x05;
const ENQUIRE_LINK = 0x15;
const BIND_TRANSCEIVER = 0x09;
const UNBIND = 0x06;
const RESPONSE = 0x80000000;
/** No octet from the SMSC for so long: the run has failed. */
const SILENCE_MS = 10_000;
/** Digits of the running number that makes each text different. */
const NUMBER_DIGITS = 10;
const BATCH_OCTETS = 64 * 1024;

export class RawEsme {
  private rest = Buffer.alloc(0);
  private readonly template: Buffer;
  private readonly numberAt: number;
  private batch = Buffer.allocUnsafe(BATCH_OCTETS);
  private batched = 0;
  private bound: (() => void) | undefined;
  private run: Run | undefined;
  private nextNumber: number;

  private constructor(
    private readonly socket: Socket,
    private readonly options: RawEsmeOptions,
    firstNumber: number,
  ) {
    this.nextNumber = firstNumber;
    const text = 'notice '.padEnd(Math.max(options.textOctets ?? 120, 20), '.').slice(NUMBER_DIGITS);
    const body = Buffer.from(
      `\0\x01\x01SureReach\0\x01\x01${options.destination ?? '255700000000'}\0` +
        `\0\0\0\0\0${options.receipts ? '\x01' : '\0'}\0\0\0` +
        String.fromCharCode(text.length + NUMBER_DIGITS),
      'latin1',
    );
    this.numberAt = 16 + body.length;
    this.template = Buffer.concat([
      Buffer.alloc(16),
      body,
      Buffer.alloc(NUMBER_DIGITS, '0'),
      Buffer.from(text, 'latin1'),
    ]);
    this.template.writeUInt32BE(this.template.length, 0);
    this.template.writeUInt32BE(SUBMIT_SM, 4);
    socket.on('data', (chunk) => {
      this.read(chunk);
    });
    socket.on('error', (error) => {
      this.run?.fail(error);
    });
    socket.on('close', () => {
      this.run?.fail(new Error('the SMSC closed the link'));
    });
  }

  /** @param firstNumber where the texts begin to count; sessions of one bench need ranges apart */
  static async bind(options: RawEsmeOptions, firstNumber = 0): Promise<RawEsme> {
    const socket = connect({ port: options.port, host: options.host ?? '127.0.0.1', noDelay: true });
    const esme = new RawEsme(socket, options, firstNumber);
    await new Promise<void>((resolve, reject) => {
      esme.bound = resolve;
      socket.once('error', reject);
      socket.once('close', () => {
        reject(new Error('the SMSC refused the bind'));
      });
      const credentials = `${options.systemId ?? 'surereach'}\0${options.password ?? 'surereach'}\0`;
      const body = Buffer.from(`${credentials}\0\x34\0\0\0`, 'latin1');
      const bind = Buffer.alloc(16 + body.length);
      bind.writeUInt32BE(bind.length, 0);
      bind.writeUInt32BE(BIND_TRANSCEIVER, 4);
      bind.writeUInt32BE(1, 12);
      body.copy(bind, 16);
      socket.write(bind);
    });
    return esme;
  }

  /** Submits `messages` messages and waits for all answers and, if asked for, all receipts. */
  async submit(messages: number): Promise<RawRun> {
    const run = new Run(messages, this.options.receipts);
    this.run = run;
    const watch = setInterval(() => {
      if (performance.now() - run.heardAtMs > SILENCE_MS) {
        run.fail(new Error(`silence: ${JSON.stringify(run.progress())}`));
      }
    }, 1000);
    try {
      this.fill(run);
      this.flush();
      return await run.result;
    } finally {
      clearInterval(watch);
      this.run = undefined;
    }
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.header(UNBIND, 0, 0x7fffffff);
    this.flush();
    this.socket.end();
    await closed;
  }

  private read(chunk: Buffer): void {
    const data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    while (data.length - at >= 16) {
      const length = data.readUInt32BE(at);
      if (data.length - at < length) break;
      this.pdu(data.readUInt32BE(at + 4), data.readUInt32BE(at + 8), data.readUInt32BE(at + 12));
      at += length;
    }
    this.rest = Buffer.from(data.subarray(at));
    if (this.run !== undefined) {
      this.run.heardAtMs = performance.now();
      this.fill(this.run);
      this.run.endIfComplete();
    }
    this.flush();
  }

  private pdu(commandId: number, status: number, sequenceNumber: number): void {
    if (commandId === RESPONSE + SUBMIT_SM) {
      this.run?.answered(sequenceNumber, status);
    } else if (commandId === DELIVER_SM) {
      this.deliverSmResp(sequenceNumber);
      this.run?.receipt();
    } else if (commandId === ENQUIRE_LINK) {
      this.header(RESPONSE + ENQUIRE_LINK, 0, sequenceNumber);
    } else if (commandId === RESPONSE + BIND_TRANSCEIVER) {
      if (status === 0) this.bound?.();
      else this.socket.destroy();
    }
  }

  private fill(run: Run): void {
    while (run.mayMore(this.options.window)) {
      const start = this.reserve(this.template.length);
      this.template.copy(this.batch, start);
      this.batch.writeUInt32BE(run.next(), start + 12);
      this.writeNumber(start + this.numberAt);
    }
  }

  private writeNumber(at: number): void {
    let left = this.nextNumber;
    this.nextNumber += 1;
    for (let place = NUMBER_DIGITS - 1; place >= 0; place -= 1) {
      const rest = Math.floor(left / 10);
      this.batch[at + place] = 0x30 + left - rest * 10;
      left = rest;
    }
  }

  private header(commandId: number, status: number, sequenceNumber: number, octets = 16): number {
    const start = this.reserve(octets);
    this.batch.writeUInt32BE(octets, start);
    this.batch.writeUInt32BE(commandId, start + 4);
    this.batch.writeUInt32BE(status, start + 8);
    this.batch.writeUInt32BE(sequenceNumber, start + 12);
    return start;
  }

  /** Its message_id is one NUL (SMPP 3.4 §4.6.2). */
  private deliverSmResp(sequenceNumber: number): void {
    this.batch[this.header(RESPONSE + DELIVER_SM, 0, sequenceNumber, 17) + 16] = 0;
  }

  private reserve(octets: number): number {
    if (this.batched + octets > this.batch.length) this.flush();
    const start = this.batched;
    this.batched += octets;
    return start;
  }

  private flush(): void {
    if (this.batched === 0) return;
    // The socket keeps what it was given until it is sent: the next batch needs its own octets.
    this.socket.write(Buffer.from(this.batch.subarray(0, this.batched)));
    this.batched = 0;
  }
}
