// The SMSC simulator's side of a link against a hostile ESME: it must not fall over, must answer
// what it is asked once, and must still serve the next ESME.
import fc from 'fast-check';
import type { Socket } from 'node:net';
import { SeededRandomness, VirtualClock } from '../../../src/clock/virtual-clock.js';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/simulators/smsc/outcome/settings.js';
import { AskDesk } from '../../../src/simulators/smsc/session/ask-desk.js';
import { Centre } from '../../../src/simulators/smsc/session/centre.js';
import { Session } from '../../../src/simulators/smsc/session/session.js';
import { SubmitDesk } from '../../../src/simulators/smsc/session/submit-desk.js';
import { LinkLedger } from '../peer/link-ledger.js';
import { MemoryWire, ticked } from '../peer/memory-wire.js';
import { cString, ID, pduOf } from '../peer/octets.js';
import { cook, esmePdu, type SequenceRef } from '../peer/pdus.js';
import { cuts, inChunks, mutate, type Piece, pieces } from '../peer/streams.js';
import { type FuzzTarget, must } from '../target.js';

/** As the simulator states it in wire/pdu.ts. */
const MAX_PDU_OCTETS = 70_000;
const ANSWERS: ReadonlySet<number> = new Set([
  ID.bind_receiver,
  ID.bind_transmitter,
  ID.bind_transceiver,
  ID.submit_sm,
  ID.data_sm,
  ID.query_sm,
  ID.cancel_sm,
  ID.replace_sm,
  ID.enquire_link,
  ID.unbind,
]);
const ACCOUNT = { systemId: 'surereach', password: 'surereach' };
const BIND = Buffer.concat([
  cString(ACCOUNT.systemId),
  cString(ACCOUNT.password),
  cString(''),
  Buffer.from([0x34, 0, 0, 0]),
]);

type Step =
  | { readonly do: 'say'; readonly pieces: readonly Piece[]; readonly sizes: readonly number[] }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'stop-reading' | 'read-again' }
  | { readonly do: 'lose'; readonly how: 'fin' | 'reset' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('say' as const), pieces: pieces(esmePdu, 5), sizes: cuts }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 50, 200, 2000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('stop-reading' as const, 'read-again' as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('lose' as const),
      how: fc.constantFrom('fin' as const, 'reset' as const),
    }),
  },
);

const settings: fc.Arbitrary<Partial<Settings>> = fc.record(
  {
    receiptDelayMs: fc.constantFrom(0, 5, 1000),
    duplicateReceipts: fc.constantFrom(0, 2),
    contradictingReceipts: fc.boolean(),
    receiptsBeforeResponse: fc.boolean(),
    deliverWindow: fc.constantFrom(0, 1, 5),
    deliverResponseTimeoutMs: fc.constantFrom(0, 100),
    retryReceipts: fc.boolean(),
    retriedStatuses: fc.constantFrom([], [0x08, 0x14], [0x14]),
    redeliverUnacknowledged: fc.boolean(),
    receiptsToAnyAccount: fc.boolean(),
    dropResponseShare: fc.constantFrom(0, 0.5),
    throttleShare: fc.constantFrom(0, 0.5),
    responseDelayMs: fc.constantFrom(0, 50),
    enquireLinkIntervalMs: fc.constantFrom(0, 100),
  },
  { requiredKeys: [] },
);

class Peer {
  readonly wire = new MemoryWire();
  readonly ledger = new LinkLedger(ANSWERS, MAX_PDU_OCTETS);

  constructor(centre: Centre) {
    new Session(this.wire as unknown as Socket, centre, new SubmitDesk(centre), new AskDesk(centre));
  }

  say(octets: Buffer): void {
    if (this.wire.destroyed) return;
    this.ledger.heard(octets);
    this.wire.arrives(octets);
  }

  async look(): Promise<void> {
    await ticked();
    this.ledger.wrote(this.wire.taken());
  }
}

async function check(
  change: Partial<Settings>,
  alreadyBound: boolean,
  steps: readonly Step[],
): Promise<void> {
  const clock = new VirtualClock();
  const centre = new Centre(
    {
      accounts: [ACCOUNT],
      settings: { ...DEFAULT_SETTINGS, ...change },
      ledger: { keep: 'memory', limit: 100 },
      firstMessageId: 1,
    },
    clock,
    new SeededRandomness(1),
  );
  const peer = new Peer(centre);
  if (alreadyBound) peer.say(pduOf(ID.bind_transceiver, 0, 1, BIND));
  for (const each of steps) {
    perform(peer, clock, each);
    await peer.look();
  }
  peer.wire.drain();
  await peer.look();
  await serves(peer, change, clock);
  const next = new Peer(centre);
  next.say(pduOf(ID.bind_transceiver, 0, 1, BIND));
  await next.look();
  must(next.ledger.open.length === 0, () => `the next ESME waits for ${next.ledger.open.join()}`);
  await serves(next, change, clock);
  centre.close();
}

function perform(peer: Peer, clock: VirtualClock, what: Step): void {
  switch (what.do) {
    case 'say': {
      const stream = Buffer.concat(
        what.pieces.map((piece) =>
          'octets' in piece
            ? piece.octets
            : mutate(cook(piece.pdu, resolve(peer, piece.pdu.sequence)), piece.mutations),
        ),
      );
      for (const chunk of inChunks(stream, what.sizes)) peer.say(chunk);
      break;
    }
    case 'wait':
      clock.advance(what.ms);
      break;
    case 'stop-reading':
      peer.wire.full = true;
      break;
    case 'read-again':
      peer.wire.drain();
      break;
    case 'lose':
      peer.wire.lose(what.how);
      break;
  }
}

function resolve({ ledger }: Peer, ref: SequenceRef): number {
  return ref.of === 'literal' ? ref.value : (ledger.asked.get(ID.deliver_sm)?.at(-1) ?? 1);
}

async function serves(peer: Peer, change: Partial<Settings>, clock: VirtualClock): Promise<void> {
  if (peer.wire.isGone() || !peer.ledger.isAligned) {
    must(peer.ledger.badLength === null || peer.wire.isGone(), () => 'a stream out of step is still read');
    return;
  }
  peer.say(pduOf(ID.enquire_link, 0, 0x7ffffff1, Buffer.alloc(0)));
  clock.advance(200);
  await peer.look();
  const drops = (change.dropResponseShare ?? 0) > 0;
  // The answers to submits alone are dropped: submit_sm_resp and data_sm_resp.
  const open = peer.ledger.open.filter((key) => !drops || !/^8000(?:0004|0103)\//.test(key));
  must(peer.wire.isGone() || open.length === 0, () => `the simulator owes ${open.join(', ')}`);
}

export const simulatorTarget: FuzzTarget = {
  name: 'SMSC simulator',
  input: 'a scenario of up to 6 steps on a virtual clock',
  share: 0.02,
  property: () =>
    fc.asyncProperty(settings, fc.boolean(), fc.array(step, { minLength: 1, maxLength: 6 }), check),
};
