// What every journal adapter keeps, told once. Adapters differ only in what `laws` says.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InvalidAppendError, type WrongExpectedRevisionError } from '../../src/journal/journal.errors.js';
import {
  type AppendOutcome,
  BEGINNING,
  type Journal,
  NO_STREAM,
  type NewEvent,
  type RecordedEvent,
  type StreamAppend,
} from '../../src/journal/journal.js';
import { eventually } from '../support/eventually.js';
import { eventNamed, eventsNamed } from '../support/journal-events.js';

export interface OpenJournal {
  readonly journal: Journal;
  /** The same store seen through a second adapter, as another process has it; absent where nothing is shared. */
  readonly other?: Journal;
  close(): Promise<void>;
}

export interface JournalAdapter {
  readonly name: string;
  readonly laws: {
    /** Positions are contiguous from the first. */
    readonly gapFree: boolean;
    /** The appends of one call get their positions in the order in which they stand in it. */
    readonly inOrderOfCall: boolean;
    /** The position of the first event can be chosen, as large as one likes. */
    readonly positionsChosen: boolean;
  };
  /** @param firstAfter the position before the first event; given only where positions can be chosen */
  open(firstAfter?: bigint): Promise<OpenJournal>;
}

export function journalContract(adapter: JournalAdapter): void {
  describe(`a journal over ${adapter.name}`, () => {
    let open: OpenJournal;
    let journal: Journal;
    let streams = 0;
    const newStream = (): string => `stream-${String((streams += 1))}`;

    beforeAll(async () => {
      open = await adapter.open();
      journal = open.journal;
    });
    afterAll(async () => {
      await open.close();
    });

    async function appendOne(
      stream: string,
      expectedRevision: bigint,
      events: NewEvent[],
    ): Promise<AppendOutcome> {
      const [outcome] = await journal.append([{ stream, expectedRevision, events }]);
      if (outcome === undefined) throw new Error('append gave no outcome');
      return outcome;
    }

    describe('appending', () => {
      test('gives the first event of a stream revision 0 and returns the last revision', async () => {
        const stream = newStream();
        expect(await appendOne(stream, NO_STREAM, eventsNamed(stream, 3))).toMatchObject({
          status: 'appended',
          revision: 2n,
        });
        const events = await journal.readStream(stream);
        expect(events.map(({ revision }) => revision)).toEqual([0n, 1n, 2n]);
      });

      test('continues a stream at the revision its caller knows', async () => {
        const stream = newStream();
        await appendOne(stream, NO_STREAM, [eventNamed(`${stream}/a`)]);
        expect(await appendOne(stream, 0n, [eventNamed(`${stream}/b`)])).toMatchObject({
          status: 'appended',
          revision: 1n,
        });
      });

      test('records what it was given, nothing more and nothing less', async () => {
        const stream = newStream();
        const event = eventNamed(`${stream}/a`, {
          nested: { list: [1, 'two', null, true], empty: {} },
          amount: 1.5e-7,
        });
        const outcome = await appendOne(stream, NO_STREAM, [event]);
        const position = outcome.status === 'appended' ? outcome.position : -1n;
        expect(await journal.readStream(stream)).toStrictEqual([
          { ...event, stream, revision: 0n, position },
        ]);
      });

      test('keeps every character, NUL and half a surrogate pair included, in data', async () => {
        const stream = newStream();
        const texts = ['Zażółć 🙂 漢字 \u2028', 'nul \u0000 end', 'half \ud83d', '"\\\b\f\n\r\t', 'عربي'];
        await appendOne(stream, NO_STREAM, [eventNamed(stream, { texts, ['ключ\u0000']: 1 })]);
        const [event] = await (open.other ?? journal).readStream(stream);
        expect(event?.data).toStrictEqual({ texts, ['ключ\u0000']: 1 });
      });

      test('takes stream names of any script', async () => {
        const stream = `${newStream()}-ünïcödé-🙂`;
        await appendOne(stream, NO_STREAM, [eventNamed(stream)]);
        expect(await journal.readStream(stream)).toHaveLength(1);
      });

      test('takes a large batch whole, and in order where that is kept', async () => {
        const prefix = newStream();
        const appends = Array.from({ length: 3_000 }, (_, n) => ({
          stream: `${prefix}-${String(n)}`,
          expectedRevision: NO_STREAM,
          events: [eventNamed(`${prefix}/${String(n)}`, { filler: 'x'.repeat(500) })],
        }));
        const outcomes = await journal.append(appends);
        const positions = outcomes.map((outcome) => (outcome.status === 'appended' ? outcome.position : -1n));
        expect(new Set(positions).size).toBe(3_000);
        expect(positions).not.toContain(-1n);
        if (adapter.laws.inOrderOfCall) expect(isAscending(positions)).toBe(true);
      });

      test('takes an event of a megabyte', async () => {
        const stream = newStream();
        const event = eventNamed(stream, { text: 'é'.repeat(500_000) });
        await appendOne(stream, NO_STREAM, [event]);
        expect((await journal.readStream(stream))[0]?.data).toStrictEqual(event.data);
      });

      test('does nothing for an empty list', async () => {
        expect(await journal.append([])).toEqual([]);
      });
    });

    describe('an expected revision', () => {
      test('refuses a new stream that exists, telling where it stands', async () => {
        const stream = newStream();
        await appendOne(stream, NO_STREAM, eventsNamed(stream, 2));
        const outcome = await appendOne(stream, NO_STREAM, [eventNamed(`${stream}/late`)]);
        expect(conflictOf(outcome)).toMatchObject({ stream, expected: NO_STREAM, actual: 1n });
      });

      test('refuses a revision the stream has passed', async () => {
        const stream = newStream();
        await appendOne(stream, NO_STREAM, eventsNamed(stream, 3));
        const outcome = await appendOne(stream, 1n, [eventNamed(`${stream}/late`)]);
        expect(conflictOf(outcome)).toMatchObject({ expected: 1n, actual: 2n });
        expect(await journal.readStream(stream)).toHaveLength(3);
      });

      test('refuses a revision ahead of the stream', async () => {
        const stream = newStream();
        await appendOne(stream, NO_STREAM, [eventNamed(stream)]);
        const outcome = await appendOne(stream, 5n, [eventNamed(`${stream}/early`)]);
        expect(conflictOf(outcome)).toMatchObject({ expected: 5n, actual: 0n });
        expect(await journal.readStream(stream)).toHaveLength(1);
      });

      test('refuses a revision of a stream that does not exist', async () => {
        const stream = newStream();
        const outcome = await appendOne(stream, 0n, [eventNamed(stream)]);
        expect(conflictOf(outcome)).toMatchObject({ expected: 0n, actual: NO_STREAM });
      });

      test('rejects the stream in conflict alone and appends the others', async () => {
        const [taken, ahead, free] = [newStream(), newStream(), newStream()];
        await appendOne(taken, NO_STREAM, [eventNamed(taken)]);
        const outcomes = await journal.append([
          { stream: taken, expectedRevision: NO_STREAM, events: [eventNamed(`${taken}/other`)] },
          { stream: free, expectedRevision: NO_STREAM, events: eventsNamed(free, 2) },
          { stream: ahead, expectedRevision: 3n, events: [eventNamed(ahead)] },
        ]);
        expect(outcomes.map(({ status }) => status)).toEqual(['conflict', 'appended', 'conflict']);
        expect(await journal.readStream(free)).toHaveLength(2);
        expect(await journal.readStream(ahead)).toEqual([]);
      });

      test('lets exactly one of many simultaneous appends win', async () => {
        const stream = newStream();
        const writers = [journal, open.other ?? journal];
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, async (_, n) => {
            const writer = writers[n % 2] ?? journal;
            const events = [eventNamed(`${stream}/${String(n)}`)];
            return (await writer.append([{ stream, expectedRevision: NO_STREAM, events }]))[0];
          }),
        );
        expect(outcomes.filter((outcome) => outcome?.status === 'appended')).toHaveLength(1);
        expect(await journal.readStream(stream)).toHaveLength(1);
      });
    });

    describe('a retried append', () => {
      test('leaves one copy and gives the first answer again', async () => {
        const stream = newStream();
        const append: StreamAppend = { stream, expectedRevision: NO_STREAM, events: eventsNamed(stream, 3) };
        const first = await journal.append([append]);
        expect(await journal.append([append])).toEqual(first);
        expect(await journal.readStream(stream)).toHaveLength(3);
      });

      test('gives the first answer also after the stream went on', async () => {
        const stream = newStream();
        const first = await appendOne(stream, NO_STREAM, [eventNamed(`${stream}/a`)]);
        await appendOne(stream, 0n, [eventNamed(`${stream}/b`)]);
        expect(await appendOne(stream, NO_STREAM, [eventNamed(`${stream}/a`)])).toEqual(first);
      });

      test('is a conflict when only a part of it is there', async () => {
        const stream = newStream();
        await appendOne(stream, NO_STREAM, [eventNamed(`${stream}/a`)]);
        const both = [eventNamed(`${stream}/a`), eventNamed(`${stream}/b`)];
        expect(conflictOf(await appendOne(stream, NO_STREAM, both))).toMatchObject({ actual: 0n });
      });

      test('is a conflict when one of its events differs', async () => {
        const stream = newStream();
        await appendOne(stream, NO_STREAM, [eventNamed(`${stream}/a`), eventNamed(`${stream}/b`)]);
        const differing = [eventNamed(`${stream}/a`), eventNamed(`${stream}/c`)];
        expect(conflictOf(await appendOne(stream, NO_STREAM, differing))).toMatchObject({ actual: 1n });
      });

      test('sent many times at once leaves one copy', async () => {
        const stream = newStream();
        const append: StreamAppend = { stream, expectedRevision: NO_STREAM, events: eventsNamed(stream, 2) };
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, n) =>
            (n % 2 === 0 ? journal : (open.other ?? journal)).append([append]),
          ),
        );
        for (const answer of answers) expect(answer).toEqual(answers[0]);
        expect(await journal.readStream(stream)).toHaveLength(2);
      });
    });

    describe('an append against the rules', () => {
      const valid = eventNamed('valid');
      const cyclic: Record<string, unknown> = {};
      cyclic['itself'] = cyclic;
      test.each<[string, string, StreamAppend]>([
        ['without events', 'at least one', { stream: 'rules', expectedRevision: NO_STREAM, events: [] }],
        [
          'to a stream without a name',
          'is empty',
          { stream: '', expectedRevision: NO_STREAM, events: [valid] },
        ],
        [
          'to a stream with NUL in its name',
          'NUL',
          { stream: 'a\u0000b', expectedRevision: NO_STREAM, events: [valid] },
        ],
        [
          'to a stream with half a surrogate pair',
          'surrogate',
          { stream: 'a\ud83d', expectedRevision: NO_STREAM, events: [valid] },
        ],
        [
          'to a stream with an endless name',
          '600',
          { stream: 'x'.repeat(600), expectedRevision: NO_STREAM, events: [valid] },
        ],
        ['below NO_STREAM', 'expectedRevision', { stream: 'rules', expectedRevision: -2n, events: [valid] }],
        [
          'with an id that is no UUID',
          'not a UUID',
          { stream: 'rules', expectedRevision: NO_STREAM, events: [{ ...valid, id: 'x' }] },
        ],
        [
          'with an id in capitals, which would come back in another form',
          'lower-case',
          {
            stream: 'rules',
            expectedRevision: NO_STREAM,
            events: [{ ...valid, id: valid.id.toUpperCase() }],
          },
        ],
        [
          'with NUL in the type',
          'type',
          { stream: 'rules', expectedRevision: NO_STREAM, events: [{ ...valid, type: 'a\u0000' }] },
        ],
        [
          'with a bigint in data',
          'plain JSON',
          { stream: 'rules', expectedRevision: NO_STREAM, events: [{ ...valid, data: { n: 1n } }] },
        ],
        [
          'with a cycle in data',
          'plain JSON',
          { stream: 'rules', expectedRevision: NO_STREAM, events: [{ ...valid, data: cyclic }] },
        ],
      ])('%s is refused and writes nothing', async (_, words, append) => {
        const innocent = newStream();
        const call = journal.append([
          { stream: innocent, expectedRevision: NO_STREAM, events: [eventNamed(innocent)] },
          append,
        ]);
        await expect(call).rejects.toThrow(InvalidAppendError);
        await expect(call).rejects.toThrow(words);
        expect(await journal.readStream(innocent)).toEqual([]);
      });

      test('naming one stream twice is refused', async () => {
        const stream = newStream();
        const once = { stream, expectedRevision: NO_STREAM, events: [eventNamed(stream)] };
        await expect(journal.append([once, { ...once, expectedRevision: 0n }])).rejects.toThrow(
          'stands twice',
        );
        expect(await journal.readStream(stream)).toEqual([]);
      });

      test('does not harm a call that comes at the same moment', async () => {
        const stream = newStream();
        const [bad, good] = await Promise.allSettled([
          journal.append([{ stream: 'bad', expectedRevision: NO_STREAM, events: [{ ...valid, id: 'x' }] }]),
          appendOne(stream, NO_STREAM, [eventNamed(stream)]),
        ]);
        expect(bad.status).toBe('rejected');
        expect(good).toMatchObject({ status: 'fulfilled', value: { status: 'appended' } });
      });
    });

    describe('reading', () => {
      test('a stream starts at the revision asked for', async () => {
        const stream = newStream();
        await appendOne(stream, NO_STREAM, eventsNamed(stream, 5));
        const events = await journal.readStream(stream, 3n);
        expect(events.map(({ revision }) => revision)).toEqual([3n, 4n]);
        expect(await journal.readStream(stream, 9n)).toEqual([]);
      });

      test('a stream that does not exist gives nothing', async () => {
        expect(await journal.readStream('never-written')).toEqual([]);
      });

      test('many streams at once gives each its own events and leaves out those without', async () => {
        const [one, two] = [newStream(), newStream()];
        await journal.append([
          { stream: one, expectedRevision: NO_STREAM, events: eventsNamed(one, 3) },
          { stream: two, expectedRevision: NO_STREAM, events: eventsNamed(two, 1) },
        ]);
        const found = await journal.readStreams([two, 'never-written', one]);
        expect(new Set(found.keys())).toEqual(new Set([one, two]));
        expect(found.get(one)).toStrictEqual(await journal.readStream(one));
        expect(found.get(two)).toHaveLength(1);
        expect(await journal.readStreams([])).toEqual(new Map());
      });

      test('everything goes on exactly after a position, in pieces of any size', async () => {
        const start = await journal.head();
        const stream = newStream();
        await appendOne(stream, NO_STREAM, eventsNamed(stream, 25));
        const seen = await readOn(journal, start, 7);
        expect(seen.map(({ revision }) => revision)).toEqual(Array.from({ length: 25 }, (_, n) => BigInt(n)));
        expect(seen.at(-1)?.position).toBe(await journal.head());
      });

      test('everything gives the very events that reading the stream gives', async () => {
        const start = await journal.head();
        const stream = newStream();
        await appendOne(stream, NO_STREAM, [eventNamed(stream, { texts: ['é\u0000', 0.1, null] })]);
        const [fromAll] = await journal.readAll(start, 10);
        expect(fromAll).toStrictEqual((await journal.readStream(stream))[0]);
      });

      test('after the head gives nothing', async () => {
        expect(await journal.readAll(await journal.head(), 10)).toEqual([]);
        expect(await journal.readAll((await journal.head()) + 1000n, 10)).toEqual([]);
      });

      test('from the beginning gives the first event of all', async () => {
        const [first] = await journal.readAll(BEGINNING, 1);
        expect(first?.revision).toBe(0n);
      });

      test('at the same time as eight writers, a reader skips nothing and sees the order of every stream', async () => {
        const start = await journal.head();
        const prefix = newStream();
        const writing = { over: false };
        const reading = (async () => {
          const seen: RecordedEvent[] = [];
          for (let after = start; ;) {
            const { over } = writing;
            const events = await journal.readAll(after, 50);
            seen.push(...events);
            after = events.at(-1)?.position ?? after;
            if (events.length === 0 && over) return seen;
            if (events.length === 0) await new Promise((resolve) => setImmediate(resolve));
          }
        })();
        await Promise.all(
          Array.from({ length: 8 }, async (_, writer) => {
            const stream = `${prefix}-${String(writer)}`;
            const through = writer % 2 === 0 ? journal : (open.other ?? journal);
            for (let revision = NO_STREAM; revision < 39n; revision += 1n) {
              const events = [eventNamed(`${stream}/${String(revision)}`)];
              await through.append([{ stream, expectedRevision: revision, events }]);
            }
          }),
        );
        writing.over = true;
        const seen = await reading;
        expect(seen).toHaveLength(8 * 40);
        expect(isAscending(seen.map(({ position }) => position))).toBe(true);
        expect(revisionsInOrder(seen)).toBe(true);
        if (adapter.laws.gapFree) {
          expect(seen.map(({ position }) => position)).toEqual(seen.map((_, n) => start + BigInt(n + 1)));
        }
      });
    });

    describe('waking', () => {
      test('a reader that waits hears of an append', async () => {
        const stream = newStream();
        let woken = false;
        const heard = eventually(
          (listener) =>
            journal.onAppended(() => {
              woken = true;
              listener();
            }),
          'a wake-up after an append',
          () => woken,
        );
        await appendOne(stream, NO_STREAM, [eventNamed(stream)]);
        await heard;
        expect(woken).toBe(true);
      });

      test('a reader that has stopped waiting hears nothing any more', async () => {
        const stream = newStream();
        let wakes = 0;
        const stop = journal.onAppended(() => {
          wakes += 1;
        });
        stop();
        const others = eventually(
          (listener) => journal.onAppended(listener),
          'the append to be readable',
          () => true,
        );
        await appendOne(stream, NO_STREAM, [eventNamed(stream)]);
        await others;
        expect(wakes).toBe(0);
      });
    });

    describe('positions', () => {
      test('are those of the events, whoever tells them', async () => {
        const start = await journal.head();
        const stream = newStream();
        const outcome = await appendOne(stream, NO_STREAM, eventsNamed(stream, 3));
        const told = [
          outcome.status === 'appended' ? outcome.position : undefined,
          (await journal.readStream(stream)).at(-1)?.position,
          (await (open.other ?? journal).readAll(start, 10)).at(-1)?.position,
          await (open.other ?? journal).head(),
        ];
        expect(new Set(told).size).toBe(1);
        expect(typeof told[0]).toBe('bigint');
      });

      if (!adapter.laws.positionsChosen) return;
      test.each([
        ['2^31', 2n ** 31n - 2n],
        ['2^53', 2n ** 53n - 2n],
      ])('stay exact beyond %s', async (_, firstAfter) => {
        const far = await adapter.open(firstAfter);
        try {
          const outcomes = await far.journal.append([
            { stream: 'far', expectedRevision: NO_STREAM, events: eventsNamed('far', 5) },
          ]);
          expect(outcomes).toEqual([{ status: 'appended', revision: 4n, position: firstAfter + 5n }]);
          for (const reader of [far.journal, far.other ?? far.journal]) {
            const events = await reader.readAll(firstAfter + 1n, 10);
            expect(events.map(({ position }) => position)).toEqual(
              [2n, 3n, 4n, 5n].map((n) => firstAfter + n),
            );
            expect(await reader.head()).toBe(firstAfter + 5n);
          }
        } finally {
          await far.close();
        }
      });
    });
  });
}

function conflictOf(outcome: AppendOutcome): WrongExpectedRevisionError {
  if (outcome.status !== 'conflict')
    throw new Error(`appended at revision ${String(outcome.revision)}, not a conflict`);
  return outcome.error;
}

async function readOn(journal: Journal, from: bigint, limit: number): Promise<RecordedEvent[]> {
  const seen: RecordedEvent[] = [];
  for (let after = from; ;) {
    const events = await journal.readAll(after, limit);
    if (events.length === 0) return seen;
    seen.push(...events);
    after = events.at(-1)?.position ?? after;
  }
}

function isAscending(positions: readonly bigint[]): boolean {
  return positions.every((position, n) => n === 0 || position > (positions[n - 1] ?? 0n));
}

function revisionsInOrder(events: readonly RecordedEvent[]): boolean {
  const next = new Map<string, bigint>();
  return events.every(({ stream, revision }) => {
    const expected = next.get(stream) ?? 0n;
    next.set(stream, expected + 1n);
    return revision === expected;
  });
}
