import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../clock/virtual-clock.js';
import { JournalUnavailableError } from '../../journal/journal.errors.js';
import type { RecordCallQueued } from '../../message/message.commands.js';
import { quiet } from '../../../test/support/eventually.js';
import { InMemoryLifecycle } from '../../../test/support/in-memory-lifecycle.js';
import { dueForCall } from '../../../test/support/voice-messages.js';
import { CallRecorder } from './call-recorder.js';

const RETRY_MS = 1_000;
const DOWN = new JournalUnavailableError('connection refused');

describe('the recorder of call outcomes', () => {
  let clock: VirtualClock;
  let lifecycle: InMemoryLifecycle;
  let recorder: CallRecorder;
  let recorded: string[];

  const queued = (number: number): RecordCallQueued => ({
    type: 'RecordCallQueued',
    messageId: dueForCall(lifecycle, number),
    at: clock.isoNow(),
    attempt: 1,
    sessionId: `session-${String(number)}`,
  });
  const record = (command: RecordCallQueued): void => {
    void recorder.record(command).then(() => recorded.push(command.sessionId));
  };
  const written = (): string[] =>
    lifecycle.commands.map((command) => (command as RecordCallQueued).sessionId);

  beforeEach(() => {
    Logger.overrideLogger(false);
    clock = new VirtualClock();
    lifecycle = new InMemoryLifecycle();
    recorder = new CallRecorder(lifecycle, clock, RETRY_MS);
    recorded = [];
  });

  afterEach(() => {
    Logger.overrideLogger(['fatal', 'error', 'warn', 'log']);
  });

  it('writes together what comes while a write is under way', async () => {
    const batches: number[] = [];
    lifecycle.failWith = (commands) => {
      batches.push(commands.length);
      return null;
    };
    for (const number of [1, 2, 3]) record(queued(number));
    await quiet();
    expect(batches).toEqual([1, 2]);
    expect(recorded).toEqual(['session-1', 'session-2', 'session-3']);
  });

  it('writes again until the store takes it, in order, and only then says it is recorded', async () => {
    lifecycle.failWith = () => DOWN;
    record(queued(1));
    await quiet();
    record(queued(2));
    clock.advance(5 * RETRY_MS);
    await quiet();
    expect([recorded, written()]).toEqual([[], []]);
    lifecycle.failWith = () => null;
    clock.advance(RETRY_MS);
    await quiet();
    expect(written()).toEqual(['session-1', 'session-2']);
    expect(recorded).toEqual(['session-1', 'session-2']);
  });

  it('leaves out a message that can never be written, and writes the others', async () => {
    const poison = queued(2);
    lifecycle.failWith = (commands) =>
      commands !== 'load' && commands.some((command) => command.messageId === poison.messageId)
        ? new Error('unknown event in the stream')
        : null;
    record(queued(1));
    record(poison);
    record(queued(3));
    await quiet();
    expect(written()).toEqual(['session-1', 'session-3']);
    expect(recorded).toHaveLength(3);
  });

  it('tries once more in a hurry, and then lets go', async () => {
    let tries = 0;
    lifecycle.failWith = () => {
      tries += 1;
      return DOWN;
    };
    record(queued(1));
    await quiet();
    expect([tries, recorded]).toEqual([1, []]);
    recorder.hurry();
    await quiet();
    expect([tries, recorded]).toEqual([2, ['session-1']]);
  });

  it('goes on after a refused command', async () => {
    record({ ...queued(1), messageId: '019b7a8c-0000-7000-8000-00000000dead' });
    await quiet();
    record(queued(2));
    await quiet();
    expect(recorded).toEqual(['session-1', 'session-2']);
  });
});
