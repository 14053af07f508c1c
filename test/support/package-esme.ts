// An ESME made of npm `smpp`: written by others, so that it can testify about our simulator.
// Good for correctness only; its limits are in nobody's way here.
import smppPackage from 'smpp';

/** A PDU as the package gives it: fields in snake_case, TLVs by name. */
export interface PackagePdu {
  readonly command: string;
  readonly command_status: number;
  readonly sequence_number: number;
  readonly [field: string]: unknown;
  response(fields?: Record<string, unknown>): PackagePdu;
}

interface PackageSession {
  send(pdu: PackagePdu, answered?: (answer: PackagePdu) => void): boolean;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'connect' | 'close', listener: () => void): void;
  on(event: 'pdu', listener: (pdu: PackagePdu) => void): void;
  destroy(): void;
}

// The declaration in src/smpp covers the codec only, as the service uses nothing else.
const smpp = smppPackage as unknown as {
  readonly PDU: new (command: string, fields?: Record<string, unknown>) => PackagePdu;
  connect(options: { host: string; port: number }): PackageSession;
};

/** Nothing on loopback takes longer unless it is broken. */
const DEADLINE_MS = 10_000;

export class PackageEsme {
  /** Everything the SMSC sent on its own account, oldest first. */
  readonly received: PackagePdu[] = [];
  /** Every response of the SMSC, also one that nobody waits for. */
  readonly answers: PackagePdu[] = [];
  /** command_status of the answer to a deliver_sm; null: none is given. */
  answerDelivery: (pdu: PackagePdu) => number | null = () => 0;
  readonly closed: Promise<void>;
  private readonly waiting = new Set<() => void>();

  private constructor(private readonly session: PackageSession) {
    this.closed = new Promise((resolve) => {
      session.on('close', resolve);
    });
    // The close that follows says all.
    session.on('error', () => undefined);
    session.on('pdu', (pdu) => {
      this.take(pdu);
    });
  }

  static async connect(port: number): Promise<PackageEsme> {
    const session = smpp.connect({ host: '127.0.0.1', port });
    const esme = new PackageEsme(session);
    await inTime(
      'the connection',
      new Promise<void>((resolve) => {
        session.on('connect', resolve);
      }),
    );
    return esme;
  }

  /** Connects and binds; throws when the bind is refused. */
  static async bound(
    port: number,
    mode: 'transceiver' | 'transmitter' | 'receiver' = 'transceiver',
    credentials: { system_id?: string; password?: string } = {},
  ): Promise<PackageEsme> {
    const esme = await PackageEsme.connect(port);
    const answer = await esme.bind(mode, credentials);
    if (answer.command_status !== 0) throw new Error(`bind refused: ${String(answer.command_status)}`);
    return esme;
  }

  bind(
    mode: 'transceiver' | 'transmitter' | 'receiver',
    credentials: { system_id?: string; password?: string; interface_version?: number } = {},
  ): Promise<PackagePdu> {
    return this.request(`bind_${mode}`, { system_id: 'surereach', password: 'surereach', ...credentials });
  }

  /** One submit_sm that asks for receipts. */
  submit(destination: string, text: string, fields: Record<string, unknown> = {}): Promise<PackagePdu> {
    return this.request('submit_sm', this.submitFields(destination, text, fields));
  }

  /** One submit_sm whose answer is of no interest. */
  submitOnly(destination: string, text: string, fields: Record<string, unknown> = {}): void {
    this.session.send(new smpp.PDU('submit_sm', this.submitFields(destination, text, fields)));
  }

  /** Rejects when the link closes first; the package itself would forget the callback. */
  request(command: string, fields: Record<string, unknown> = {}): Promise<PackagePdu> {
    return inTime(
      `the answer to ${command}`,
      new Promise((resolve, reject) => {
        this.session.send(new smpp.PDU(command, fields), resolve);
        void this.closed.then(() => {
          reject(new Error(`the link closed before the answer to ${command}`));
        });
      }),
    );
  }

  /** Resolves with all deliver_sm so far when there are at least `count`. */
  async deliveries(count: number): Promise<PackagePdu[]> {
    const delivered = (): PackagePdu[] => this.received.filter(({ command }) => command === 'deliver_sm');
    await this.until(`${String(count)} deliver_sm`, () => delivered().length >= count);
    return delivered();
  }

  until(what: string, holds: () => boolean): Promise<void> {
    let look!: () => void;
    const held = new Promise<void>((resolve) => {
      look = () => {
        if (holds()) resolve();
      };
    });
    this.waiting.add(look);
    look();
    return inTime(what, held).finally(() => this.waiting.delete(look));
  }

  destroy(): void {
    this.session.destroy();
  }

  private submitFields(
    destination: string,
    text: string,
    fields: Record<string, unknown>,
  ): Record<string, unknown> {
    return {
      source_addr_ton: 5,
      source_addr: 'SureReach',
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: destination,
      registered_delivery: 1,
      data_coding: 0,
      short_message: Buffer.from(text, 'latin1'),
      ...fields,
    };
  }

  private take(pdu: PackagePdu): void {
    (pdu.command.endsWith('_resp') ? this.answers : this.received).push(pdu);
    if (pdu.command === 'deliver_sm') {
      const status = this.answerDelivery(pdu);
      if (status !== null) this.session.send(pdu.response({ command_status: status }));
    } else if (pdu.command === 'enquire_link' || pdu.command === 'unbind') {
      this.session.send(pdu.response());
    }
    for (const look of [...this.waiting]) look();
  }
}

/** The octets of a short_message as Latin-1, whatever data_coding made the package do. */
export function receiptText(pdu: PackagePdu): string {
  return (pdu['short_message'] as { message: string }).message;
}

async function inTime<Value>(what: string, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`waited ${String(DEADLINE_MS)} ms in vain for ${what}`));
    }, DEADLINE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
