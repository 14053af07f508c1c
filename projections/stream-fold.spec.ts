import { beforeEach, describe, expect, it } from '@jest/globals';
import { GatedJournal } from '../test/support/gated-journal.js';
import { eventNamed } from '../test/support/journal-events.js';
import {
  accept,
  attemptSubmit,
  messageIdOf,
  recordReceipt,
  tookAs,
} from '../test/support/message-commands.js';
import { receipt } from '../test/support/message-builders.js';
import { SeededRandomness, VirtualClock } from '../src/clock/virtual-clock.js';
import { BEGINNING, type NewEvent, type RecordedEvent } from '../src/journal/journal.js';
import { MemoryJournal } from '../src/journal/memory/memory-journal.js';
import { JournaledLifecycle } from '../src/lifecycle/journaled-lifecycle.js';
import { messageStream } from '../src/lifecycle/message-stream.js';
import type { MessageCommand } from '../src/message/message.commands.js';
import { type Folded, StreamFold } from './stream-fold.js';

/** What happened to a message, by name; settled with its delivery. */
interface History {
  readonly types: readonly string[];
}

let journal: GatedJournal;
let lifecycle: JournaledLifecycle;
let fold: StreamFold<History>;

async function happened(...commands: readonly MessageCommand[]): Promise<void> {
  await lifecycle.handleMany(commands);
}

async function appendRaw(number: number, event: Partial<NewEvent>): Promise<void> {
  const stream = messageStream(messageIdOf(number));
  const expectedRevision = BigInt((await journal.readStream(stream)).length) - 1n;
  const name = `${stream} ${String(expectedRevision)}`;
  await journal.append([{ stream, expectedRevision, events: [{ ...eventNamed(name), ...event }] }]);
}

function everything(): Promise<readonly RecordedEvent[]> {
  return journal.readAll(BEGINNING, 1_000);
}

function toldBy({ changes }: Folded<History>): (readonly [number, string, string])[] {
  return changes.map(({ messageId, before, after }) => [
    Number(messageId.slice(-6)),
    before?.types.join(' ') ?? '',
    after.types.join(' '),
  ]);
}

beforeEach(() => {
  journal = new GatedJournal(new MemoryJournal());
  lifecycle = new JournaledLifecycle(journal, new VirtualClock(), new SeededRandomness(1));
  fold = new StreamFold<History>(
    journal,
    (state, event) => ({ types: [...(state?.types ?? []), event.type] }),
    ({ types }) => types.includes('MessageDelivered'),
  );
});

describe('folding a batch', () => {
  it('tells what each message of it came to, before and after', async () => {
    await happened(accept(1), attemptSubmit(1), accept(2));
    expect(toldBy(await fold.fold(await everything()))).toEqual([
      [1, '', 'MessageAccepted SubmitAttempted'],
      [2, '', 'MessageAccepted'],
    ]);
  });

  it('goes on from the batch before without reading back', async () => {
    await happened(accept(1), accept(2));
    await fold.fold(await everything());
    await happened(attemptSubmit(2));
    journal.readCalls.length = 0;
    expect(toldBy(await fold.fold((await everything()).slice(2)))).toEqual([
      [2, 'MessageAccepted', 'MessageAccepted SubmitAttempted'],
    ]);
    expect(journal.readCalls).toEqual([]);
  });

  it('leaves streams of other things alone', async () => {
    await journal.append([{ stream: 'receipts-main', expectedRevision: -1n, events: [eventNamed('x')] }]);
    expect(await fold.fold(await everything())).toEqual({ changes: [], stopped: [] });
  });
});

describe('a state that is known already', () => {
  const known: History = { types: ['known'] };

  beforeEach(() => {
    fold = new StreamFold<History>(
      journal,
      (state, event) => ({ types: [...(state?.types ?? []), event.type] }),
      () => false,
      (messageId, revision) => (messageId === messageIdOf(1) && revision === 1n ? known : undefined),
    );
  });

  it('is taken when it is that of the last event in the batch', async () => {
    await happened(accept(1), attemptSubmit(1), accept(2), attemptSubmit(2));
    const folded = await fold.fold(await everything());
    expect(toldBy(folded)).toEqual([
      [1, '', 'known'],
      [2, '', 'MessageAccepted SubmitAttempted'],
    ]);
    expect(folded.changes.map(({ revision }) => revision)).toEqual([1n, 1n]);
  });

  it('is passed over when the batch ends earlier or later', async () => {
    await happened(accept(1), attemptSubmit(1), tookAs(1, 'a'));
    const events = await everything();
    expect(toldBy(await fold.fold(events.slice(0, 1)))).toEqual([[1, '', 'MessageAccepted']]);
    expect(toldBy(await fold.fold(events.slice(1)))).toEqual([
      [1, 'MessageAccepted', 'MessageAccepted SubmitAttempted MessageSubmitted'],
    ]);
  });
});

describe('what the cache does not hold', () => {
  it('is read back up to the batch, never beyond, in one call', async () => {
    await happened(accept(1), accept(2), attemptSubmit(1), attemptSubmit(2), tookAs(1, 'a'));
    // The journal knows all five events by now; the batch is the third and the fourth.
    const batch = (await everything()).filter(({ type }) => type === 'SubmitAttempted');
    journal.readCalls.length = 0;
    expect(toldBy(await fold.fold(batch))).toEqual([
      [1, 'MessageAccepted', 'MessageAccepted SubmitAttempted'],
      [2, 'MessageAccepted', 'MessageAccepted SubmitAttempted'],
    ]);
    expect(journal.readCalls).toEqual([[messageStream(messageIdOf(1)), messageStream(messageIdOf(2))]]);
  });

  it('is read back after a reset', async () => {
    await happened(accept(1), attemptSubmit(1));
    const events = await everything();
    await fold.fold(events.slice(0, 1));
    fold.reset(new Set());
    expect(toldBy(await fold.fold(events.slice(1)))).toEqual([
      [1, 'MessageAccepted', 'MessageAccepted SubmitAttempted'],
    ]);
  });

  it('includes settled messages, which something may still happen to', async () => {
    await happened(accept(1), attemptSubmit(1), tookAs(1, '1-1'), recordReceipt(1, receipt('delivered')));
    await fold.fold(await everything());
    await happened(recordReceipt(1, receipt('undeliverable')));
    const [change] = (await fold.fold((await everything()).slice(4))).changes;
    expect(change?.before?.types).toHaveLength(4);
    expect(change?.after.types.at(-1)).toBe('ReceiptContradicted');
  });

  it('comes out the same however the events are cut into batches', async () => {
    await happened(
      ...[1, 2, 3].flatMap((number) => [accept(number), attemptSubmit(number), tookAs(number, '1-1')]),
      recordReceipt(2, receipt('enroute')),
      recordReceipt(2, receipt('delivered')),
      recordReceipt(2, receipt('expired')),
      recordReceipt(3, receipt('delivered')),
    );
    const events = await everything();
    const last = async (sizes: number): Promise<readonly unknown[]> => {
      fold.reset(new Set());
      const after = new Map<string, History>();
      for (let from = 0; from < events.length; from += sizes) {
        const { changes } = await fold.fold(events.slice(from, from + sizes));
        for (const change of changes) {
          // Each batch goes on exactly where the last one ended.
          expect(change.before).toEqual(after.get(change.messageId));
          after.set(change.messageId, change.after);
        }
      }
      return [...after].sort();
    };
    const whole = await last(events.length);
    for (const sizes of [1, 2, 3, 5]) expect(await last(sizes)).toEqual(whole);
  });
});

describe('an event that cannot be followed', () => {
  it.each([
    ['an unknown type', { type: 'MessageTeleported' }],
    [
      'a newer version',
      { type: 'MessageCancelled', metadata: { ...eventNamed('any').metadata, schemaVersion: 2 } },
    ],
  ])('stops its own stream there, and no other: %s', async (_, event) => {
    await happened(accept(1), accept(2));
    await appendRaw(1, event);
    await appendRaw(1, { type: 'MessageCancelled', data: { reason: 'later' } });
    await happened(attemptSubmit(2));
    const events = await everything();
    const folded = await fold.fold(events);
    expect(toldBy(folded)).toEqual([
      [1, '', 'MessageAccepted'],
      [2, '', 'MessageAccepted SubmitAttempted'],
    ]);
    expect(folded.stopped).toMatchObject([
      { stream: messageStream(messageIdOf(1)), position: events[2]?.position },
    ]);
    expect(folded.stopped[0]?.error).toContain('run the build that wrote it');
  });

  it('keeps every later event of its stream out', async () => {
    await happened(accept(1));
    await appendRaw(1, { type: 'MessageTeleported' });
    await fold.fold(await everything());
    await appendRaw(1, { type: 'MessageCancelled', data: { reason: 'later' } });
    expect(await fold.fold((await everything()).slice(2))).toEqual({ changes: [], stopped: [] });
  });

  it('stays in force after a reset that names its stream', async () => {
    await happened(accept(1));
    await appendRaw(1, { type: 'MessageTeleported' });
    const { stopped } = await fold.fold(await everything());
    await appendRaw(1, { type: 'MessageCancelled', data: { reason: 'later' } });
    fold.reset(new Set(stopped.map(({ stream }) => stream)));
    expect(await fold.fold((await everything()).slice(2))).toEqual({ changes: [], stopped: [] });
  });

  it('stops its stream also when it lies before the batch: a build that knew more came this far', async () => {
    await happened(accept(1));
    await appendRaw(1, { type: 'MessageTeleported' });
    await appendRaw(1, { type: 'MessageCancelled', data: { reason: 'later' } });
    await appendRaw(1, { type: 'MessageCancelled', data: { reason: 'later still' } });
    const events = await everything();
    const folded = await fold.fold(events.slice(2, 3));
    expect(folded.changes).toEqual([]);
    expect(folded.stopped).toMatchObject([
      { stream: messageStream(messageIdOf(1)), position: events[1]?.position },
    ]);
    expect(await fold.fold(events.slice(3))).toEqual({ changes: [], stopped: [] });
  });
});
