import { beforeEach, describe, expect, it } from '@jest/globals';
import { quiet } from '../../test/support/eventually.js';
import { at, receipt } from '../../test/support/message-builders.js';
import {
  accept,
  attemptSubmit,
  messageIdOf,
  recordSubmission,
  tookAs,
} from '../../test/support/message-commands.js';
import { ParkedReceipts } from '../../test/support/parked-receipts.js';
import { CONNECTOR, receiptSm, ReceiptRoom } from '../../test/support/receipt-room.js';
import { uuidOf } from '../clock/ids.js';
import { JournalUnavailableError } from '../journal/journal.errors.js';
import type { ReceiptEvidence, ReceiptState } from '../message/message.events.js';
import { type ReceiptParked, receiptStream } from '../message/receipt.events.js';
import { ReceiptMatcher } from './receipt-matcher.js';

const TO = '+27831234567';

let room: ReceiptRoom;
let parked: ParkedReceipts;
let inDoubtTo: (readonly string[])[];
/** Who is in doubt, by number. */
let inDoubt: Map<string, readonly string[]>;
let matcher: ReceiptMatcher;

/** A receipt as the listener parks it; `name` makes it this one and no other. */
function evidence(
  smscMessageId: string,
  state: ReceiptState = 'delivered',
  receivedAt = at(300),
): ReceiptEvidence {
  return { ...receipt(state), receiptId: uuidOf(`${smscMessageId}/${state}`), smscMessageId, receivedAt };
}

function asParked(one: ReceiptEvidence, to = TO.slice(1)): ReceiptParked {
  return { receipt: one, group: CONNECTOR, personal: { to } };
}

async function park(one: ReceiptEvidence, to = TO.slice(1)): Promise<void> {
  await room.ledger.park([{ receipt: one, group: CONNECTOR, personal: { to } }]);
  matcher.parked();
}

/** A message whose submit was never answered. */
async function leaveInDoubt(number: number, seconds = 1): Promise<void> {
  await room.given(
    accept(number),
    attemptSubmit(number, seconds),
    recordSubmission(number, [{ part: 1, end: 'unknown', cause: 'response-timeout' }]),
  );
  inDoubt.set(TO, [...(inDoubt.get(TO) ?? []), messageIdOf(number)]);
}

async function pass(ms: number): Promise<void> {
  await quiet();
  room.clock.advance(ms);
  await quiet();
}

async function matchedBy(): Promise<readonly (readonly [string, string])[]> {
  const events = (await room.dataIn(receiptStream(CONNECTOR))) as {
    type: string;
    messageId: string;
    by: string;
  }[];
  return events.flatMap(({ type, messageId, by }) =>
    type === 'ReceiptMatched' ? [[messageId, by] as const] : [],
  );
}

beforeEach(() => {
  room = new ReceiptRoom();
  parked = new ParkedReceipts(room.journal, CONNECTOR);
  inDoubtTo = [];
  inDoubt = new Map();
  matcher = matcherFor([CONNECTOR]);
});

function matcherFor(groupConnectors: readonly string[]): ReceiptMatcher {
  const search = {
    inDoubtTo: (to: string) => {
      inDoubtTo.push([to]);
      return Promise.resolve(inDoubt.get(to) ?? []);
    },
  };
  const log = { warn: () => undefined };
  return new ReceiptMatcher(
    { connector: CONNECTOR, groupConnectors: new Set(groupConnectors) },
    room.lifecycle,
    parked,
    search,
    room.ledger,
    room.waiting,
    room.clock,
    log,
  );
}

describe('a parked receipt whose id becomes known', () => {
  it('is brought to its message when the read model moves, and noted as matched', async () => {
    await room.given(accept(1), attemptSubmit(1));
    await park(evidence('aa'));
    matcher.start();
    await pass(1_000);
    expect(await room.typesOf(1)).not.toContain('MessageDelivered');
    await room.given(tookAs(1, 'aa'));
    parked.known.set('aa', { messageId: messageIdOf(1), part: 1 });
    matcher.wake();
    await quiet();
    expect(await room.typesOf(1)).toEqual([
      'MessageAccepted',
      'SubmitAttempted',
      'MessageSubmitted',
      'MessageDelivered',
    ]);
    expect(await matchedBy()).toEqual([[messageIdOf(1), 'id']]);
    await matcher.stop();
  });

  it('is brought within a moment although the read model moved during the pause between two rounds', async () => {
    await room.given(accept(1), attemptSubmit(1), tookAs(1, 'aa'));
    await park(evidence('aa'));
    matcher.start();
    await quiet();
    parked.known.set('aa', { messageId: messageIdOf(1), part: 1 });
    matcher.wake();
    await pass(200);
    expect(await matchedBy()).toEqual([[messageIdOf(1), 'id']]);
    await matcher.stop();
  });

  it('is found by the poll when another process parked it', async () => {
    await room.given(accept(1), attemptSubmit(1), tookAs(1, 'aa'));
    matcher.start();
    await quiet();
    await room.ledger.park([{ receipt: evidence('aa'), group: CONNECTOR, personal: { to: '' } }]);
    parked.known.set('aa', { messageId: messageIdOf(1), part: 1 });
    await pass(5_000);
    expect(await matchedBy()).toEqual([[messageIdOf(1), 'id']]);
    await matcher.stop();
  });

  it('stays parked while its message refuses it', async () => {
    await room.given(accept(1));
    await park(evidence('aa'));
    parked.known.set('aa', { messageId: messageIdOf(1), part: 1 });
    matcher.start();
    await pass(1_000);
    expect(await matchedBy()).toEqual([]);
    await room.given(attemptSubmit(1));
    await pass(5_000);
    expect(await matchedBy()).toEqual([[messageIdOf(1), 'id']]);
    await matcher.stop();
  });

  it('is brought in the order in which they came, and from then on nothing waits for its id', async () => {
    const both = [evidence('aa', 'undeliverable'), evidence('aa', 'delivered')];
    await room.deliver(receiptSm('aa', 'UNDELIV'), receiptSm('aa'));
    await room.given(accept(1), attemptSubmit(1), tookAs(1, 'aa'));
    parked.known.set('aa', { messageId: messageIdOf(1), part: 1 });
    expect(both.map((one) => room.waiting.waitsFor(asParked(one)))).toEqual([true, true]);
    matcher.parked();
    matcher.start();
    await quiet();
    expect((await room.typesOf(1)).slice(-2)).toEqual(['MessageUndelivered', 'ReceiptContradicted']);
    expect(both.map((one) => room.waiting.waitsFor(asParked(one)))).toEqual([false, false]);
    await matcher.stop();
  });

  it('is brought although a page full of others is refused by their messages', async () => {
    await room.given(accept(1), accept(2), attemptSubmit(2), tookAs(2, 'bb'));
    parked.known.set('bb', { messageId: messageIdOf(2), part: 1 });
    for (let one = 0; one < 500; one++) {
      const id = `refused ${String(one)}`;
      parked.known.set(id, { messageId: messageIdOf(1), part: 1 });
      await park(evidence(id));
    }
    await park(evidence('bb'));
    matcher.start();
    await quiet();
    expect(await matchedBy()).toEqual([[messageIdOf(2), 'id']]);
    await matcher.stop();
  });

  it('goes past a message to another phone that had the same id before', async () => {
    await room.given(
      ...[accept(1, { to: '+15550001234' }), attemptSubmit(1), tookAs(1, '0')],
      ...[accept(2), attemptSubmit(2), tookAs(2, '0')],
    );
    parked.known.set('0', { messageId: messageIdOf(1), part: 1 });
    parked.knownBefore.set('0', [{ messageId: messageIdOf(2), part: 1 }]);
    await park(evidence('0'));
    await park({ ...evidence('0', 'undeliverable'), receiptId: uuidOf('another phone') }, '15550001234');
    matcher.start();
    await quiet();
    expect(await room.typesOf(1)).toContain('MessageUndelivered');
    expect(await room.typesOf(2)).toContain('MessageDelivered');
    await matcher.stop();
  });

  it('stays parked when it names a phone that none of its id was sent to', async () => {
    await room.given(accept(1), attemptSubmit(1), tookAs(1, '0'));
    parked.known.set('0', { messageId: messageIdOf(1), part: 1 });
    await park(evidence('0'), '15550001234');
    matcher.start();
    await pass(20_000);
    await pass(20_000);
    expect(await matchedBy()).toEqual([]);
    expect(await room.typesOf(1)).not.toContain('MessageDelivered');
    await matcher.stop();
  });

  it('is brought again after the store was away, and recorded once', async () => {
    await room.given(accept(1), attemptSubmit(1), tookAs(1, 'aa'));
    await park(evidence('aa'));
    parked.known.set('aa', { messageId: messageIdOf(1), part: 1 });
    room.journal.failNext(new JournalUnavailableError('away'), true);
    matcher.start();
    await quiet();
    expect(await matchedBy()).toEqual([]);
    await pass(5_000);
    expect(await matchedBy()).toEqual([[messageIdOf(1), 'id']]);
    expect((await room.typesOf(1)).filter((type) => type === 'MessageDelivered')).toHaveLength(1);
    await matcher.stop();
  });
});

describe('a parked receipt whose id nobody ever learns', () => {
  it('goes to the one message in doubt to its recipient, but gives the response ten seconds', async () => {
    await leaveInDoubt(1);
    await park(evidence('aa'));
    matcher.start();
    await pass(5_000);
    expect(await matchedBy()).toEqual([]);
    await pass(10_000);
    expect(await matchedBy()).toEqual([[messageIdOf(1), 'recipient']]);
    expect(await room.typesOf(1)).toContain('MessageDelivered');
    expect(new Set(inDoubtTo.flat())).toEqual(new Set([TO]));
    await matcher.stop();
  });

  it('is left alone when two messages to the recipient are in doubt, or two parts of one', async () => {
    await leaveInDoubt(1);
    await leaveInDoubt(2);
    await park(evidence('aa'));
    matcher.start();
    await pass(20_000);
    await pass(20_000);
    expect(await matchedBy()).toEqual([]);
    await room.given(
      accept(3, { partCount: 2, text: 'x'.repeat(300) }),
      attemptSubmit(3),
      recordSubmission(3, [
        { part: 1, end: 'unknown', cause: 'link-lost' },
        { part: 2, end: 'unknown', cause: 'link-lost' },
      ]),
    );
    inDoubt.set(TO, [messageIdOf(3)]);
    await pass(5_000);
    expect(await matchedBy()).toEqual([]);
    await matcher.stop();
  });

  it('goes to a message in doubt that another connector of the group sent', async () => {
    matcher = matcherFor(['sister', CONNECTOR]);
    await room.given(
      accept(1),
      { ...attemptSubmit(1), connector: 'sister' },
      recordSubmission(1, [{ part: 1, end: 'unknown', cause: 'link-lost' }]),
    );
    inDoubt.set(TO, [messageIdOf(1)]);
    await park(evidence('aa'));
    room.clock.advance(60_000);
    matcher.start();
    await quiet();
    expect(await matchedBy()).toEqual([[messageIdOf(1), 'recipient']]);
    await matcher.stop();
  });

  it.each([
    ['was sent by a connector of another group', ['other'], {}],
    ['was attempted only after the receipt came', [CONNECTOR], { receivedAt: at(0) }],
  ])('is not given to a message in doubt that %s', async (_, groupConnectors, differs) => {
    matcher = matcherFor(groupConnectors);
    await leaveInDoubt(1);
    await park({ ...evidence('aa'), ...differs });
    matcher.start();
    await pass(20_000);
    await pass(20_000);
    expect(await matchedBy()).toEqual([]);
    await matcher.stop();
  });

  it('is not given to a message whose doubt was resolved meanwhile', async () => {
    await leaveInDoubt(1);
    await room.given(tookAs(1, 'its own'));
    await park(evidence('aa'));
    matcher.start();
    await pass(20_000);
    expect(await matchedBy()).toEqual([]);
    await matcher.stop();
  });

  it('costs a look-up per poll and not one per move of the read model', async () => {
    await park(evidence('aa'));
    room.clock.advance(60_000);
    matcher.start();
    for (let moves = 0; moves < 40; moves++) {
      matcher.wake();
      await pass(100);
    }
    expect(parked.asked.parkedBefore).toBe(1);
    expect(parked.asked.claimable).toBeGreaterThan(10);
    expect(parked.asked.claimable).toBeLessThan(25);
    await matcher.stop();
  });

  it('never hides newer ones, however many there are', async () => {
    for (let copy = 0; copy < 501; copy++) await park(evidence(`foreign ${String(copy)}`), '15550001');
    await leaveInDoubt(1);
    await park(evidence('ours', 'delivered', at(301)));
    room.clock.advance(60_000);
    matcher.start();
    await quiet();
    for (let polls = 0; polls < 4; polls++) await pass(5_000);
    expect(await matchedBy()).toEqual([[messageIdOf(1), 'recipient']]);
    await matcher.stop();
  });
});

describe('matching', () => {
  it('asks nothing while nothing is parked, but for the poll', async () => {
    matcher.start();
    await quiet();
    const asked = parked.asked.claimable;
    for (let moves = 0; moves < 10; moves++) {
      matcher.wake();
      await pass(300);
    }
    expect(parked.asked.claimable).toBe(asked);
    await matcher.stop();
  });

  it('ends with stop', async () => {
    await park(evidence('aa'));
    matcher.start();
    await quiet();
    matcher.wake();
    await matcher.stop();
    const asked = parked.asked.claimable;
    matcher.wake();
    await pass(60_000);
    expect(parked.asked.claimable).toBe(asked);
  });
});
