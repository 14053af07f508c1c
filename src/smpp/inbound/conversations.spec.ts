import { beforeEach, describe, expect, it } from '@jest/globals';
import { GatedJournal } from '../../../test/support/gated-journal.js';
import { quiet } from '../../../test/support/eventually.js';
import { eventNamed } from '../../../test/support/journal-events.js';
import { PHONE, receive, receivePart, SHORT_CODE } from '../../../test/support/inbound-builders.js';
import { SeededRandomness, VirtualClock } from '../../clock/virtual-clock.js';
import { AppendOutcomeUnknownError, JournalUnavailableError } from '../../journal/journal.errors.js';
import { MemoryJournal } from '../../journal/memory/memory-journal.js';
import { conversationStream } from '../../message/inbound.events.js';
import { conversationIdOf, Conversations, type Parties } from './conversations.js';

const PARTIES: Parties = { ours: SHORT_CODE, theirs: PHONE };
const STREAM = conversationStream(conversationIdOf(PARTIES));
const OTHER: Parties = { ours: SHORT_CODE, theirs: '+27830000000' };

let journal: GatedJournal;
let asked: (readonly Parties[])[];

/** A process of the service, as it is after a start. */
function process(seed: number): Conversations {
  const sent = {
    lastSent: (pairs: readonly Parties[]) => {
      asked.push(pairs);
      return Promise.resolve(pairs.map(({ theirs }) => (theirs === PHONE ? 'message 1' : null)));
    },
  };
  return new Conversations(journal, sent, new VirtualClock(), new SeededRandomness(seed));
}

async function typesIn(stream = STREAM): Promise<readonly string[]> {
  return (await journal.readStream(stream)).map(({ type }) => type);
}

beforeEach(() => {
  journal = new GatedJournal(new MemoryJournal());
  asked = [];
});

describe('a message from a phone', () => {
  it('is durable when its handling resolves, and not before', async () => {
    const { reached, release } = journal.hold();
    let handled = false;
    const handling = process(1)
      .handle(PARTIES, receive('YES'))
      .then(() => {
        handled = true;
      });
    await reached;
    await quiet();
    expect(handled).toBe(false);
    release();
    await handling;
    expect(await typesIn()).toEqual(['MessageReceived']);
  });

  it('knows the last message sent to its phone by the address it writes to', async () => {
    const conversations = process(1);
    await Promise.all([
      conversations.handle(PARTIES, receive('YES')),
      conversations.handle(OTHER, receive('YES')),
    ]);
    const replies = await Promise.all(
      [STREAM, conversationStream(conversationIdOf(OTHER))].map((stream) => journal.readStream(stream)),
    );
    expect(replies.flat().map(({ data }) => data)).toMatchObject([
      { inReplyTo: 'message 1' },
      { inReplyTo: null },
    ]);
    expect(asked).toEqual([[PARTIES, OTHER]]);
  });

  it('goes with others in one durable write, its stream named without a number', async () => {
    const conversations = process(1);
    await Promise.all([
      conversations.handle(PARTIES, receive('one')),
      conversations.handle(OTHER, receive('other')),
      conversations.handle(PARTIES, receive('two')),
    ]);
    expect(journal.appendCalls).toHaveLength(1);
    expect(await typesIn()).toEqual(['MessageReceived', 'MessageReceived']);
    expect(journal.appendCalls[0]?.map(({ stream }) => stream).join()).not.toContain('2783');
  });

  it('needs no reading when the conversation was read before', async () => {
    const conversations = process(1);
    for (const text of ['one', 'two', 'three']) await conversations.handle(PARTIES, receive(text));
    expect(journal.readCalls).toEqual([[STREAM]]);
  });
});

describe('after a restart', () => {
  it('a repeat is still a repeat', async () => {
    await process(1).handle(PARTIES, receive('YES'));
    await process(2).handle(PARTIES, receive('YES', 30));
    expect(await typesIn()).toEqual(['MessageReceived', 'MessageRepeated']);
  });

  it('the parts that came before it are still there', async () => {
    await process(1).handle(PARTIES, receivePart([1, 2], 'one '));
    await process(2).handle(PARTIES, receivePart([2, 2], 'two', 30));
    const events = await journal.readStream(STREAM);
    expect(events.at(-1)).toMatchObject({
      type: 'MessageReceived',
      data: { personal: { text: 'one two' } },
    });
  });
});

describe('two processes', () => {
  it('make one message of parts that each of them gets half of', async () => {
    const [one, two] = [process(1), process(2)];
    await one.handle(PARTIES, receive('before'));
    await two.handle(PARTIES, receive('before too'));
    await Promise.all([
      one.handle(PARTIES, receivePart([1, 2], 'one ')),
      two.handle(PARTIES, receivePart([2, 2], 'two')),
    ]);
    expect(await typesIn()).toEqual([
      'MessageReceived',
      'MessageReceived',
      'MessagePartReceived',
      'MessagePartReceived',
      'MessageReceived',
    ]);
  });

  it('make one message of copies that each of them gets', async () => {
    await Promise.all([1, 2, 3].map((seed) => process(seed).handle(PARTIES, receive('YES'))));
    expect((await typesIn()).filter((type) => type === 'MessageReceived')).toHaveLength(1);
  });
});

describe('while the store is away', () => {
  it('handling fails, and the copy that the SMSC sends then is the message', async () => {
    const conversations = process(1);
    await conversations.handle(PARTIES, receive('before'));
    journal.failNext(new JournalUnavailableError('away'));
    await expect(conversations.handle(PARTIES, receive('YES'))).rejects.toThrow('away');
    await conversations.handle(PARTIES, receive('YES', 5));
    expect(await typesIn()).toEqual(['MessageReceived', 'MessageReceived']);
  });

  it('what was written although its answer was lost is recognised when it comes again', async () => {
    const conversations = process(1);
    journal.failNext(new AppendOutcomeUnknownError('link lost'), true);
    await expect(conversations.handle(PARTIES, receive('YES'))).rejects.toThrow('link lost');
    await conversations.handle(PARTIES, receive('YES', 5));
    expect(await typesIn()).toEqual(['MessageReceived', 'MessageRepeated']);
  });
});

describe('a conversation that a newer build wrote to', () => {
  it('is refused, and harms no other', async () => {
    const event = { ...eventNamed('from the future'), type: 'MessageTelepathed' };
    await journal.append([{ stream: STREAM, expectedRevision: -1n, events: [event] }]);
    const conversations = process(1);
    const results = await Promise.allSettled([
      conversations.handle(PARTIES, receive('YES')),
      conversations.handle(OTHER, receive('YES')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await typesIn()).toEqual(['MessageTelepathed']);
  });
});
