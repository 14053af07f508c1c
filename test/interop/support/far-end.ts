// A far end made of somebody else's SMPP stack: told what to do over stdin, heard over stdout. The
// lines are those of test/interop/java/src/FarEnd.java and test/interop/python/esme.py.
import { spawn } from 'node:child_process';
import { z } from 'zod';
import { eventually } from '../../support/eventually.js';
import { StartedProcess } from '../../support/processes.js';
import type { Stack } from './stacks.js';

const session = z.int();
const RECEIPT = z.object({
  id: z.string(),
  state: z.string(),
  error: z.string().optional(),
  submitted: z.int().optional(),
  delivered: z.int().optional(),
  submittedAt: z.number().optional(),
  doneAt: z.number().optional(),
});

const EVENT = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('done'),
    ref: z.int().nullable(),
    error: z.string().optional(),
    status: z.int().optional(),
    id: z.string().nullish(),
  }),
  z.object({
    event: z.literal('bound'),
    session,
    mode: z.string(),
    systemId: z.string(),
    version: z.int(),
  }),
  z.object({ event: z.literal('refused'), status: z.int(), systemId: z.string() }),
  z.object({
    event: z.literal('submit'),
    session,
    sequence: z.int(),
    from: z.string(),
    to: z.string(),
    esmClass: z.int(),
    dataCoding: z.int(),
    registered: z.int(),
    hex: z.string(),
    /** How many TLVs it had. */
    tlvs: z.int(),
    status: z.int(),
    /** null: refused. */
    id: z.string().nullable(),
  }),
  z.object({ event: z.literal('answered'), session, sequence: z.int(), id: z.string() }),
  z.object({
    event: z.literal('delivered'),
    /** At an SMSC: the message a receipt was for, and the command_status of the deliver_sm_resp. */
    id: z.string().optional(),
    status: z.int().optional(),
    /** At an ESME: what came. */
    from: z.string().optional(),
    to: z.string().optional(),
    esmClass: z.int().optional(),
    dataCoding: z.int().optional(),
    hex: z.string().optional(),
    tlvs: z.int().optional(),
    receipt: RECEIPT.nullish(),
  }),
  z.object({ event: z.literal('enquired') }),
  z.object({ event: z.literal('nacked'), status: z.int(), sequence: z.int() }),
  z.object({ event: z.literal('unbound') }),
  z.object({ event: z.literal('closed') }),
  z.object({ event: z.literal('failed'), what: z.string(), why: z.string() }),
]);

type FarEvent = z.infer<typeof EVENT>;
export type Told<Name extends FarEvent['event']> = Extract<FarEvent, { readonly event: Name }>;
type Done = Told<'done'>;

/** A JVM on a busy machine. A guess. */
const READY_MS = 30_000;
const DEADLINE_MS = 20_000;

export class FarEnd {
  /** Everything it told, oldest first: its ledger. */
  readonly events: FarEvent[] = [];
  private readonly listeners = new Set<() => void>();
  private nextRef = 1;
  private hasEnded = false;

  private constructor(
    private readonly started: StartedProcess,
    private readonly write: (line: string) => void,
  ) {
    void started.exited.then(() => {
      this.hasEnded = true;
      this.tellListeners();
    });
  }

  /** @param certificates folder of NAME.crt and NAME.key, for an SMSC over TLS */
  static async start(stack: Stack, role: 'smsc' | 'esme', certificates?: string): Promise<FarEnd> {
    const args = [...stack.args(role), ...(certificates === undefined ? [] : [certificates])];
    const child = spawn(stack.command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const started = new StartedProcess(`${stack.name} ${role}`, child);
    const farEnd = new FarEnd(started, (line) => child.stdin.write(line));
    let rest = '';
    child.stdout.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) farEnd.hear(line);
    });
    await started.untilReady(READY_MS);
    return farEnd;
  }

  /** Of an SMSC: where it listens. */
  get port(): number {
    return this.started.number('port');
  }

  /** Resolves when it was done; rejects when it could not be done. */
  async order(what: string, fields: object = {}): Promise<Done> {
    const ref = this.nextRef++;
    this.write(`${JSON.stringify({ ref, do: what, ...fields })}\n`);
    const done = await this.told('done', `the end of ${what}`, (event) => event.ref === ref);
    if (done.error !== undefined) throw new Error(`${what}: ${done.error}\n${this.started.stderr}`);
    return done;
  }

  all<Name extends FarEvent['event']>(name: Name): readonly Told<Name>[] {
    return this.events.filter((event): event is Told<Name> => event.event === name);
  }

  /** The first event of that name which matches, also one still to come. */
  async told<Name extends FarEvent['event']>(
    name: Name,
    what: string,
    matches: (event: Told<Name>) => boolean = () => true,
  ): Promise<Told<Name>> {
    const [first] = await this.toldTimes(1, name, what, matches);
    if (first === undefined) throw new Error(`unreachable: waited for ${what}`);
    return first;
  }

  async toldTimes<Name extends FarEvent['event']>(
    times: number,
    name: Name,
    what: string,
    matches: (event: Told<Name>) => boolean = () => true,
  ): Promise<readonly Told<Name>[]> {
    const found = (): readonly Told<Name>[] => this.all(name).filter(matches);
    try {
      await eventually(
        (listener) => {
          this.listeners.add(listener);
          return () => this.listeners.delete(listener);
        },
        what,
        () => found().length >= times || this.hasEnded,
        DEADLINE_MS,
      );
      if (found().length < times) throw new Error(`the far end died before ${what}`);
    } catch (error) {
      const told = this.events.slice(-20).map((event) => JSON.stringify(event));
      const said = [String(error), ...told, this.started.stderr.slice(-2000)].join('\n');
      throw new Error(said, { cause: error });
    }
    return found();
  }

  /** Forgets what it told so far. */
  forget(): void {
    this.events.length = 0;
  }

  /** Ends it the way its parent's death would, without an unbind. */
  async stop(): Promise<void> {
    this.started.closeStdin();
    await this.started.stop();
  }

  private hear(line: string): void {
    if (!line.startsWith('{"event"')) return;
    const event = EVENT.parse(JSON.parse(line));
    this.events.push(event);
    this.tellListeners();
  }

  private tellListeners(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
