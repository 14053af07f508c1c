import { describe, expect, it } from '@jest/globals';
import { InMemoryLifecycle } from '../../test/support/in-memory-lifecycle.js';
import {
  accept,
  attemptSubmit,
  messageIdOf,
  recordReceipt,
  tookAs,
} from '../../test/support/message-commands.js';
import { receipt } from '../../test/support/message-builders.js';
import type { KnownMessage } from '../message/message.js';
import { RecentStates } from './recent-states.js';

async function lived(number: number, toItsEnd: boolean): Promise<KnownMessage> {
  const lifecycle = new InMemoryLifecycle();
  const id = messageIdOf(number);
  await lifecycle.handleMany([accept(number), attemptSubmit(number), tookAs(number, 'a')]);
  if (toItsEnd) await lifecycle.handleMany([recordReceipt(number, receipt('delivered'))]);
  const message = (await lifecycle.load([id])).get(id);
  if (message === undefined) throw new Error('the message was not accepted');
  return message;
}

describe('RecentStates', () => {
  it('gives a message at the very revision it is remembered at, and at no other', async () => {
    const states = new RecentStates();
    const message = await lived(1, false);
    states.set(message.messageId, { message, revision: 2n });
    expect(states.at(message.messageId, 2n)).toBe(message);
    expect([1n, 3n].map((revision) => states.at(message.messageId, revision))).toEqual([
      undefined,
      undefined,
    ]);
    expect(states.at(messageIdOf(2), 2n)).toBeUndefined();
  });

  it('holds one state of a message, also when it settles', async () => {
    const states = new RecentStates();
    const [open, settled] = [await lived(1, false), await lived(1, true)];
    states.set(open.messageId, { message: open, revision: 2n });
    states.set(open.messageId, { message: settled, revision: 3n });
    expect(states.get(open.messageId)?.message).toBe(settled);
    expect(states.at(open.messageId, 2n)).toBeUndefined();
    states.delete(open.messageId);
    expect(states.get(open.messageId)).toBeUndefined();
  });

  it('keeps open messages longer than settled ones', async () => {
    const states = new RecentStates();
    const [open, settled] = [await lived(1, false), await lived(2, true)];
    states.set('open', { message: open, revision: 2n });
    states.set('settled', { message: settled, revision: 3n });
    for (let n = 0; n < 9_000; n++) states.set(`passing ${String(n)}`, { message: settled, revision: 3n });
    expect(states.get('open')?.message).toBe(open);
    expect(states.get('settled')).toBeUndefined();
  });
});
