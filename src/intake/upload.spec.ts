import { describe, expect, it } from '@jest/globals';
import { SeededRandomness, VirtualClock } from '../clock/virtual-clock.js';
import { loadConfig } from '../config/config.js';
import { JournalUnavailableError } from '../journal/journal.errors.js';
import { Backlog } from '../lifecycle/backlog.js';
import type { Handled } from '../lifecycle/message-lifecycle.js';
import { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import type { MessageCommand } from '../message/message.commands.js';
import type { KnownMessage } from '../message/message.js';
import { MessageReader } from './message-reader.js';
import { Upload, type UploadReport } from './upload.js';
import { NdjsonRows } from './upload-rows.js';

/** Takes commands and answers when told to. */
class ScriptedLifecycle extends MessageLifecycle {
  readonly calls: {
    readonly commands: readonly MessageCommand[];
    answer(): void;
    fail(error: Error): void;
  }[] = [];
  /** With a script, calls answer themselves: an error in its turn, else success. */
  script: (Error | null)[] | null = null;

  override handleMany(commands: readonly MessageCommand[]): Promise<readonly Handled[]> {
    return new Promise((resolve, reject) => {
      const message = {} as KnownMessage;
      const answer = (): void => {
        resolve(commands.map(() => ({ status: 'handled', message, events: [] })));
      };
      this.calls.push({ commands, answer, fail: reject });
      if (this.script === null) return;
      const error = this.script.shift() ?? null;
      if (error === null) answer();
      else reject(error);
    });
  }

  override load(): Promise<ReadonlyMap<string, KnownMessage>> {
    return Promise.resolve(new Map());
  }
}

function rowsOf(count: number, first = 0): string {
  return Array.from(
    { length: count },
    (_, i) => `{"to":"+2547110${String(first + i).padStart(5, '0')}","text":"Hi"}\n`,
  ).join('');
}

/** Lets everything that is ready run; time stands still. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function given(begin: () => Promise<void> = () => Promise.resolve()) {
  const clock = new VirtualClock();
  const lifecycle = new ScriptedLifecycle();
  const reader = new MessageReader(loadConfig({ DEFAULT_FROM: 'Acme' }).message);
  const upload = new Upload(
    'b',
    new NdjsonRows({}),
    reader,
    lifecycle,
    new Backlog(clock),
    clock,
    new SeededRandomness(1),
    begin,
  );
  return { clock, lifecycle, upload };
}

async function* chunks(texts: Iterable<string>, taken: string[] = []): AsyncGenerator<Buffer> {
  for (const text of texts) {
    taken.push(text);
    yield await Promise.resolve(Buffer.from(text));
  }
}

describe('an upload', () => {
  it('reads no further while three chunks wait to become durable', async () => {
    const { lifecycle, upload } = given();
    const taken: string[] = [];
    const report = upload.read(
      chunks(
        Array.from({ length: 20 }, (_, i) => rowsOf(250, i * 250)),
        taken,
      ),
    );
    await settle();
    expect(lifecycle.calls.map(({ commands }) => commands.length)).toEqual([250, 250, 250]);
    expect(taken).toHaveLength(4);
    lifecycle.calls[1]?.answer();
    await settle();
    expect(lifecycle.calls).toHaveLength(4);
    expect(taken).toHaveLength(5);
    lifecycle.script = [];
    for (const call of lifecycle.calls) call.answer();
    expect(await report).toMatchObject({
      state: 'complete',
      rows: 5_000,
      accepted: 5_000,
      lastLine: 5_000,
    });
  });

  it('resolves only when the last chunk is durable', async () => {
    const { lifecycle, upload } = given();
    let isDone = false;
    const report = upload.read(chunks([rowsOf(3)])).finally(() => {
      isDone = true;
    });
    await settle();
    expect([lifecycle.calls.length, isDone]).toEqual([1, false]);
    lifecycle.calls[0]?.answer();
    expect((await report).accepted).toBe(3);
  });

  it('sends the same commands again while the store is away, for as long as a restart takes', async () => {
    const { clock, lifecycle, upload } = given();
    lifecycle.script = [new JournalUnavailableError('down'), new JournalUnavailableError('down')];
    const report = upload.read(chunks([rowsOf(2)]));
    await settle();
    clock.advance(250);
    await settle();
    clock.advance(500);
    expect(await report).toMatchObject({ state: 'complete', accepted: 2, undecided: [] });
    const ids = lifecycle.calls.map(({ commands }) => commands.map(({ messageId }) => messageId).join());
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
  });

  it('ends when the store stays away, and names the lines nobody can answer for', async () => {
    const { clock, lifecycle, upload } = given();
    const down = new JournalUnavailableError('down');
    // The first chunk is durable, everything after it fails.
    lifecycle.script = [null, ...Array.from({ length: 1000 }, () => down)];
    const pending = upload.read(chunks(Array.from({ length: 10 }, (_, i) => rowsOf(250, i * 250))));
    let report: UploadReport | undefined;
    void pending.then((end) => {
      report = end;
    });
    for (let step = 0; report === undefined && step < 100; step++) {
      await settle();
      clock.advance(1000);
    }
    expect(report).toMatchObject({ state: 'refused', reason: 'down', accepted: 250, failure: down });
    const lines = report?.undecided ?? [];
    expect(lines[0]).toEqual({ from: 251, to: 500 });
    const undecided = lines.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    expect(250 + undecided).toBe(report?.rows);
    expect(report?.rows).toBe(report?.lastLine);
  });

  it('keeps the rows of a cut upload whose lines came whole', async () => {
    const { lifecycle, upload } = given();
    lifecycle.script = [];
    async function* cut(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(Buffer.from(`${rowsOf(2)}{"to":"+254`));
      throw new Error('aborted');
    }
    expect(await upload.read(cut())).toMatchObject({
      state: 'cut',
      reason: 'aborted',
      rows: 2,
      accepted: 2,
      lastLine: 2,
    });
  });

  it('takes nothing when it cannot begin', async () => {
    const { lifecycle, upload } = given(() => Promise.reject(new Error('name taken')));
    await expect(upload.read(chunks([rowsOf(600)]))).rejects.toThrow('name taken');
    expect(lifecycle.calls).toEqual([]);
  });

  it('does not begin when there is no row', async () => {
    let begun = 0;
    const { upload } = given(() => {
      begun += 1;
      return Promise.resolve();
    });
    expect(await upload.read(chunks(['\n', '\r\n']))).toMatchObject({ state: 'complete', rows: 0 });
    expect(begun).toBe(0);
  });
});
