import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  inboundIdOf,
  PARTS_TIMEOUT_SECONDS,
  receive,
  receivePart,
  REPEAT_SECONDS,
} from '../../test/support/inbound-builders.js';
import { at } from '../../test/support/message-builders.js';
import { Conversation } from './conversation.js';
import { decideInbound, type GiveUpParts, type InboundCommand } from './conversation.decider.js';
import type { InboundEvent, MessageReceived } from './inbound.events.js';

/** What the commands came to, one after another, each decided on what the events before it left behind. */
function after(...commands: readonly InboundCommand[]): readonly InboundEvent[] {
  let events: readonly InboundEvent[] = [];
  for (const command of commands) {
    // Folded anew each time: what is decided rests on the events alone.
    const conversation = new Conversation();
    for (const event of events) conversation.apply(event);
    events = [...events, ...decideInbound(conversation, command, 'message 1')];
  }
  return events;
}

function received(events: readonly InboundEvent[]): readonly MessageReceived[] {
  return events.flatMap((event) => (event.type === 'MessageReceived' ? [event.data] : []));
}

const typesOf = (events: readonly InboundEvent[]): readonly string[] => events.map(({ type }) => type);
const textsOf = (events: readonly InboundEvent[]): readonly (string | null)[] =>
  received(events).map(({ personal }) => personal.text);
const giveUp = (inboundId: string, seconds: number): GiveUpParts => ({
  type: 'GiveUpParts',
  at: at(seconds),
  inboundId,
});

describe('a message of one part', () => {
  it('is received with its text, its octets and what it answers to', () => {
    expect(after(receive('YES'))).toEqual([
      {
        type: 'MessageReceived',
        at: at(0),
        data: expect.objectContaining({
          inboundId: inboundIdOf('YES', 0),
          parts: 1,
          missingParts: [],
          firstPartAt: at(0),
          repeatsUntil: at(REPEAT_SECONDS),
          repeats: 0,
          inReplyTo: 'message 1',
          personal: expect.objectContaining({ text: 'YES', octetsHex: ['594553'] }),
        }),
      },
    ]);
  });

  it('keeps its octets and has no text when it is binary', () => {
    const [message] = received(after(receive('\x00\xff', 0, { alphabet: 'binary' })));
    expect(message?.personal).toMatchObject({ text: null, octetsHex: ['00ff'] });
  });

  it('is a repeat of the one before while the time for repeats lasts, and then a new one', () => {
    const events = after(
      receive('YES', 0),
      receive('YES', REPEAT_SECONDS - 1),
      receive('YES', REPEAT_SECONDS),
    );
    expect(typesOf(events)).toEqual(['MessageReceived', 'MessageRepeated', 'MessageReceived']);
    expect(events[1]?.data).toMatchObject({ inboundId: inboundIdOf('YES', 0), repeats: 1 });
  });

  it('counts its repeats', () => {
    const events = after(receive('YES', 0), receive('YES', 1), receive('YES', 2));
    expect(events.at(-1)).toMatchObject({ type: 'MessageRepeated', data: { repeats: 2 } });
  });

  it('is new although the same came a moment ago, when the rule is off or does not apply', () => {
    expect(textsOf(after(receive('1'), receive('1', 0, { repeatSeconds: 0 })))).toHaveLength(1);
    const off = { repeatSeconds: 0 };
    expect(textsOf(after(receive('1', 0, off), receive('1', 0, off)))).toEqual(['1', '1']);
    const unnumbered = { contentId: null };
    expect(textsOf(after(receive('1', 0, unnumbered), receive('1', 1, unnumbered)))).toEqual(['1', '1']);
  });
});

describe('a message of several parts', () => {
  it('is whole when the last part has come, in the order of the parts', () => {
    const events = after(
      receivePart([2, 3], 'two ', 5),
      receivePart([3, 3], 'three', 6),
      receivePart([1, 3], 'one '),
    );
    expect(typesOf(events)).toEqual([
      'MessagePartReceived',
      'MessagePartReceived',
      'MessagePartReceived',
      'MessageReceived',
    ]);
    expect(received(events)).toMatchObject([
      {
        inboundId: inboundIdOf('two ', 5),
        parts: 3,
        missingParts: [],
        firstPartAt: at(5),
        personal: { text: 'one two three' },
      },
    ]);
  });

  it('comes out the same in whatever order its parts come, and however often', () => {
    const texts = ['alpha ', 'beta ', 'gamma ', 'delta'];
    const order = fc.array(fc.nat({ max: texts.length - 1 }), { maxLength: 20 });
    fc.assert(
      fc.property(order, (numbers) => {
        const all = [...numbers, ...texts.keys()];
        const events = after(
          ...all.map((n, index) => receivePart([n + 1, texts.length], texts[n] ?? '', index)),
        );
        expect(textsOf(events)).toEqual(['alpha beta gamma delta']);
        const copies = all.length - texts.length;
        expect(typesOf(events).filter((type) => type === 'MessageRepeated')).toHaveLength(copies);
      }),
    );
  });

  it('keeps apart what other references, totals and SMSCs carry', () => {
    const events = after(
      receivePart([1, 2], 'a1 ', 0),
      receivePart([1, 2], 'b1 ', 0, { reference: 8 }),
      receivePart([1, 3], 'c1 ', 0),
      receivePart([1, 2], 'd1 ', 0, { group: 'other', contentId: 'd1' }),
      receivePart([2, 2], 'b2', 1, { reference: 8 }),
      receivePart([2, 2], 'a2', 1),
    );
    expect(textsOf(events)).toEqual(['b1 b2', 'a1 a2']);
  });

  it('takes a part that comes again after the whole for a repeat, as after a lost deliver_sm_resp', () => {
    const events = after(
      receivePart([1, 2], 'one '),
      receivePart([2, 2], 'two', 1),
      receivePart([2, 2], 'two', 2),
    );
    expect(typesOf(events).slice(-2)).toEqual(['MessageReceived', 'MessageRepeated']);
  });

  it('says how many copies of its parts came before it was whole', () => {
    const events = after(
      receivePart([1, 2], 'one '),
      receivePart([1, 2], 'one ', 1),
      receivePart([2, 2], 'two', 2),
    );
    expect(received(events)).toMatchObject([{ repeats: 1 }]);
  });

  it('joins octets before it reads them: a phone may cut a character in two', () => {
    const ucs2 = { alphabet: 'ucs2' as const };
    const grin = '\xd8\x3d\xde\x00';
    const events = after(
      receivePart([1, 2], grin.slice(0, 2), 0, ucs2),
      receivePart([2, 2], grin.slice(2), 1, ucs2),
    );
    expect(textsOf(events)).toEqual(['😀']);
  });

  it('reads parts of different alphabets each by its own', () => {
    const events = after(
      receivePart([1, 2], 'caf\xe9 ', 0),
      receivePart([2, 2], '\x04\x16', 1, { alphabet: 'ucs2' }),
    );
    expect(textsOf(events)).toEqual(['café Ж']);
  });

  it('is given with what came when the time is over, its missing parts named', () => {
    const parts = [receivePart([2, 5], 'two', 0), receivePart([5, 5], 'five', 9)];
    const events = after(...parts, giveUp(inboundIdOf('two', 0), PARTS_TIMEOUT_SECONDS));
    expect(events.at(-1)).toMatchObject({ type: 'MessageReceived', at: at(PARTS_TIMEOUT_SECONDS) });
    expect(received(events)).toMatchObject([
      {
        missingParts: [1, 3, 4],
        personal: {
          text: '…two…five',
          octetsHex: [null, expect.stringMatching(/^050003070502/), null, null, expect.any(String)],
        },
      },
    ]);
  });

  it('says in its first part until when the others are awaited', () => {
    const [first, second] = after(receivePart([1, 3], 'one', 0), receivePart([2, 3], 'two', 100));
    expect([first?.data, second?.data]).toMatchObject([
      { giveUpAt: at(PARTS_TIMEOUT_SECONDS), inboundId: inboundIdOf('one', 0) },
      { giveUpAt: at(PARTS_TIMEOUT_SECONDS), inboundId: inboundIdOf('one', 0) },
    ]);
  });

  it('is not given up when it is whole, or was given up before', () => {
    const whole = after(
      receivePart([1, 2], 'a', 0),
      receivePart([2, 2], 'b', 1),
      giveUp(inboundIdOf('a', 0), 9_999),
    );
    expect(received(whole)).toHaveLength(1);
    const twice = after(
      receivePart([1, 2], 'a', 0),
      giveUp(inboundIdOf('a', 0), 9_998),
      giveUp(inboundIdOf('a', 0), 9_999),
    );
    expect(received(twice)).toHaveLength(1);
  });

  it('is given up when the phone uses its reference for another message', () => {
    const events = after(
      receivePart([1, 2], 'old ', 0),
      receivePart([1, 2], 'new ', 60),
      receivePart([2, 2], 'words', 61),
    );
    expect(received(events)).toMatchObject([
      { inboundId: inboundIdOf('old ', 0), missingParts: [2] },
      { inboundId: inboundIdOf('new ', 60), missingParts: [], personal: { text: 'new words' } },
    ]);
  });

  it('does not let a phone that never finishes fill the memory: the oldest is given up', () => {
    const firsts = Array.from({ length: 40 }, (_, n) => receivePart([1, 2], 'x', n, { reference: n }));
    expect(received(after(...firsts)).map(({ firstPartAt }) => firstPartAt)).toEqual(
      Array.from({ length: 8 }, (_, n) => at(n)),
    );
  });
});

describe('a phone that can be reached again', () => {
  it.each([
    [0, 'available'],
    [1, 'denied'],
    [2, 'unavailable'],
    [3, null],
    [null, null],
  ])('is noted with its status %s', (availabilityStatus, availability) => {
    const note = { connector: 'main', to: '20414', from: '+27831234567', availabilityStatus };
    expect(after({ type: 'NoteAvailability', at: at(0), ...note })).toEqual([
      {
        type: 'PhoneAvailable',
        at: at(0),
        data: {
          connector: 'main',
          to: '20414',
          availability,
          availabilityStatus,
          personal: { from: '+27831234567' },
        },
      },
    ]);
  });
});

describe('what a conversation remembers', () => {
  it('does not grow with what is over', () => {
    const conversation = new Conversation();
    for (let minute = 0; minute < 1_000; minute++) {
      const command = receive(`message ${String(minute)}`, minute * 60);
      for (const event of decideInbound(conversation, command, null)) conversation.apply(event);
    }
    expect(conversation.size).toBeLessThanOrEqual(2 + REPEAT_SECONDS / 60);
  });
});
