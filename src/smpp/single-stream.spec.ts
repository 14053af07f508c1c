import { beforeEach, describe, expect, it } from '@jest/globals';
import { GatedJournal } from '../../test/support/gated-journal.js';
import { eventNamed } from '../../test/support/journal-events.js';
import { JournalUnavailableError } from '../journal/journal.errors.js';
import { MemoryJournal } from '../journal/memory/memory-journal.js';
import { SingleStream } from './single-stream.js';

const STREAM = 'receipts-main';

let journal: GatedJournal;

async function names(): Promise<string[]> {
  const events = await journal.readStream(STREAM);
  return events.map(({ data }) => (data as { name: string }).name);
}

beforeEach(() => {
  journal = new GatedJournal(new MemoryJournal());
});

describe('a stream whose revision nobody cares for', () => {
  it('takes events of several writers, each in its order, and every one once', async () => {
    const writers = [0, 1, 2].map(() => new SingleStream(journal, STREAM));
    await Promise.all(
      writers.flatMap((writer, w) =>
        Array.from({ length: 20 }, (_, n) =>
          writer.append([eventNamed(`${String(w)}/${String(n).padStart(2, '0')}`)]),
        ),
      ),
    );
    const written = await names();
    expect(written).toHaveLength(60);
    for (const w of ['0', '1', '2']) {
      const own = written.filter((name) => name.startsWith(`${w}/`));
      expect(own).toEqual([...own].sort());
    }
  });

  it('finds its end by itself when it is opened again', async () => {
    await new SingleStream(journal, STREAM).append([eventNamed('a'), eventNamed('b')]);
    await new SingleStream(journal, STREAM).append([eventNamed('c')]);
    expect(await names()).toEqual(['a', 'b', 'c']);
  });

  it('fails the append that failed, and those behind it go on', async () => {
    const stream = new SingleStream(journal, STREAM);
    journal.failNext(new JournalUnavailableError('away'));
    const [first, second] = await Promise.allSettled([
      stream.append([eventNamed('a')]),
      stream.append([eventNamed('b')]),
    ]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
    expect(await names()).toEqual(['b']);
  });

  it('leaves one copy of what was written without a word, when the same events come again', async () => {
    const stream = new SingleStream(journal, STREAM);
    await stream.append([eventNamed('a')]);
    journal.failNext(new JournalUnavailableError('link lost'), true);
    await expect(stream.append([eventNamed('b')])).rejects.toThrow('link lost');
    await stream.append([eventNamed('b')]);
    await stream.append([eventNamed('c')]);
    expect(await names()).toEqual(['a', 'b', 'c']);
  });
});
