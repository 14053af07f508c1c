import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LackingParts } from '../../../projections/inbound/inbound.queries.js';
import { quiet } from '../../../test/support/eventually.js';
import { PHONE, SHORT_CODE } from '../../../test/support/inbound-builders.js';
import { VirtualClock } from '../../clock/virtual-clock.js';
import type { InboundCommand } from '../../message/conversation.decider.js';
import type { Parties } from './conversations.js';
import { OverdueParts } from './overdue-parts.js';

const POLL_MS = 5_000;

let clock: VirtualClock;
let overdue: readonly LackingParts[];
let askedAt: string[];
let handled: { readonly parties: Parties; readonly command: InboundCommand }[];
let warnings: string[];
let failWith: (parties: Parties) => Error | null;
let parts: OverdueParts;

beforeEach(() => {
  clock = new VirtualClock();
  overdue = [];
  askedAt = [];
  handled = [];
  warnings = [];
  failWith = () => null;
  parts = new OverdueParts(
    {
      handle: (parties, command) => {
        const error = failWith(parties);
        if (error !== null) return Promise.reject(error);
        handled.push({ parties, command });
        return Promise.resolve();
      },
    },
    {
      overdue: (now) => {
        askedAt.push(now);
        return Promise.resolve(overdue);
      },
    },
    clock,
    { warn: (facts: unknown) => void warnings.push(JSON.stringify(facts)) },
  );
  parts.start();
});

async function poll(): Promise<void> {
  clock.advance(POLL_MS);
  await quiet();
}

const lacking = (inboundId: string, theirs = PHONE): LackingParts => ({
  inboundId,
  ours: SHORT_CODE,
  theirs,
});

describe('messages whose missing parts are overdue', () => {
  it('are given up, by what the read model says is due now', async () => {
    overdue = [lacking('a')];
    await poll();
    const at = clock.isoNow();
    expect(askedAt).toEqual([at]);
    expect(handled).toEqual([
      {
        parties: { ours: SHORT_CODE, theirs: PHONE },
        command: { type: 'GiveUpParts', at, inboundId: 'a' },
      },
    ]);
  });

  it('do not keep each other waiting when one cannot be given up, and it is tried again', async () => {
    overdue = [lacking('a', 'unreadable'), lacking('b')];
    failWith = ({ theirs }) => (theirs === 'unreadable' ? new Error('written by a newer build') : null);
    await poll();
    expect(handled).toMatchObject([{ command: { inboundId: 'b' } }]);
    expect(warnings).toEqual([expect.stringContaining('newer build')]);
    failWith = () => null;
    await poll();
    expect(handled.map(({ parties }) => parties.theirs)).toEqual([PHONE, 'unreadable', PHONE]);
  });

  it('are left alone once it is stopped', async () => {
    await parts.stop();
    overdue = [lacking('a')];
    await poll();
    expect(askedAt).toEqual([]);
  });
});
