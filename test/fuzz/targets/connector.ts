// A whole connector against a hostile SMSC: binds, window, asks, timers, answers, rebinding. After every
// scenario the link must still be of use, or have ended and been rebuilt; every submit has ended
// once; what was owed was answered once.
import fc from 'fast-check';
import type { AskRequest } from '../../../src/smpp/session/ask.js';
import { ConnectorRig, type RigOptions } from '../peer/connector-rig.js';
import { ID, pduOf } from '../peer/octets.js';
import { deliverSm, smscPdu } from '../peer/pdus.js';
import { cuts, type Piece, pieces } from '../peer/streams.js';
import { type FuzzTarget, must } from '../target.js';

type Step =
  | { readonly do: 'peer'; readonly pieces: readonly Piece[]; readonly sizes: readonly number[] }
  | { readonly do: 'flood'; readonly piece: Piece; readonly times: number }
  | { readonly do: 'submit'; readonly count: number }
  | { readonly do: 'ask'; readonly command: AskRequest['command'] }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'answer-delivers'; readonly count: number; readonly status: number }
  | { readonly do: 'peer-answers' | 'stop-reading' | 'read-again' | 'let-bind' }
  | { readonly do: 'lose'; readonly how: 'fin' | 'reset' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('peer' as const), pieces: pieces(smscPdu, 4), sizes: cuts }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('flood' as const),
      piece: fc.record({ pdu: fc.oneof(deliverSm, smscPdu), mutations: fc.constant([]) }),
      times: fc.integer({ min: 10, max: 120 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('submit' as const), count: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      command: fc.constantFrom('query_sm', 'cancel_sm', 'replace_sm'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 60, 999, 4000, 10_000, 31_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('answer-delivers' as const),
      count: fc.integer({ min: 1, max: 9 }),
      status: fc.constantFrom(0, 8),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'peer-answers' as const,
        'stop-reading' as const,
        'read-again' as const,
        'let-bind' as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('lose' as const),
      how: fc.constantFrom('fin' as const, 'reset' as const),
    }),
  },
);

const rigOptions: fc.Arbitrary<RigOptions> = fc.record({
  bind: fc.constantFrom('transceiver', 'transceiver', 'transceiver', 'split'),
  windowSize: fc.constantFrom(1, 3, 10),
  submitsPerSecond: fc.constantFrom(null, null, 5),
  maxPduOctets: fc.constantFrom(400, 16_384, 73_728),
  maxUnansweredDelivers: fc.constantFrom(3, 1000),
  inactivityTimeoutMs: fc.constantFrom(0, 0, 20_000),
  answering: fc.constantFrom('at-once', 'later', 'throws'),
  binds: fc.constantFrom(true, true, true, false),
  submitWith: fc.constantFrom('submit_sm', 'submit_sm', 'data_sm'),
});

async function perform(rig: ConnectorRig, what: Step): Promise<void> {
  switch (what.do) {
    case 'peer':
      await rig.peerSays(what.pieces, what.sizes);
      break;
    case 'flood':
      await rig.peerSays(
        Array.from({ length: what.times }, () => what.piece),
        [],
      );
      break;
    case 'submit':
      await rig.submit(what.count);
      break;
    case 'ask':
      await rig.ask(what.command);
      break;
    case 'wait':
      await rig.wait(what.ms);
      break;
    case 'answer-delivers':
      await rig.answerDelivers(what.count, what.status);
      break;
    case 'peer-answers':
      await rig.peerAnswers();
      break;
    case 'let-bind':
      await rig.letBind();
      break;
    case 'stop-reading':
      rig.link.wire.full = true;
      break;
    case 'read-again':
      rig.link.wire.drain();
      break;
    case 'lose':
      rig.link.wire.lose(what.how);
      break;
  }
  await rig.settle();
}

/** How the peer behaves once the scenario is over: it falls silent, or answers as a good SMSC does. */
type Ending = 'silent' | 'polite';

async function check(options: RigOptions, steps: readonly Step[], ending: Ending): Promise<void> {
  const rig = new ConnectorRig(options);
  await rig.settle();
  for (const each of steps) await perform(rig, each);
  for (const { wire } of rig.links) wire.drain();
  await rig.catchUp();
  await notDeaf(rig);
  await explainsItself(rig);
  if (ending === 'silent') await noticesSilence(rig);
  await recovers(rig);
  await stops(rig, ending);
}

const RECEIPT = pduOf(
  ID.deliver_sm,
  0,
  1,
  Buffer.concat([Buffer.alloc(7), Buffer.from([4]), Buffer.alloc(8), Buffer.from([4]), Buffer.from('id:1')]),
);

const PROBE = 0x7ffffff1;

/** Every link that is up and whose stream is whole answers what it owes, and one thing more. */
async function notDeaf(rig: ConnectorRig): Promise<void> {
  for (const link of rig.links) {
    if (link.wire.isGone() || !link.connected || !link.ledger.isAligned) continue;
    rig.say(link, pduOf(ID.enquire_link, 0, PROBE, Buffer.alloc(0)));
    await rig.look();
    must(
      link.wire.isGone() || link.ledger.open.length === 0,
      () => `owes the SMSC ${link.ledger.open.join(', ')}`,
    );
  }
  const isWhole = rig.links.every(({ wire, ledger }) => wire.isGone() || ledger.isAligned);
  if (!isWhole || rig.connector.capacity() === 0) return;
  await rig.submit(1);
  await rig.peerAnswers();
  must(
    rig.endOf(rig.lastTag) === 'answered',
    () => `a submit in good weather ended as ${String(rig.endOf(rig.lastTag))}`,
  );
}

/** A stream that was given up is gone, and the log says why, once. */
async function explainsItself(rig: ConnectorRig): Promise<void> {
  for (const link of rig.links) {
    if (link.ledger.badLength === null) continue;
    must(
      link.wire.isGone(),
      () => `command_length ${String(link.ledger.badLength)} and the link is still up`,
    );
  }
  must(rig.log.saying('could not be handled').length === 0, () => 'a PDU made the session throw');
  const given = rig.connector.counters().framingFaults;
  const told = rig.log.saying('gave the stream up').length;
  must(told === given, () => `${String(given)} streams were given up and the log tells of ${String(told)}`);
  await Promise.resolve();
}

/** A link over which nothing comes any more is given up within enquire_link and its timeout. */
async function noticesSilence(rig: ConnectorRig): Promise<void> {
  const before = [...rig.links];
  for (let turn = 0; turn < 10; turn += 1) await rig.wait(5000);
  must(
    before.every(({ wire }) => wire.isGone()),
    () => 'a link over which nothing came for 50 s is still up',
  );
}

/** However it was left, with a good SMSC it is bound within the longest pause and submits again. */
async function recovers(rig: ConnectorRig): Promise<void> {
  for (let minutes = 0; minutes < 60; minutes += 1) {
    for (let turn = 0; turn < 4; turn += 1) {
      await rig.settle();
      await rig.letBind();
      await rig.peerAnswers();
      if (rig.connector.capacity() > 0) {
        await rig.submit(1);
        await rig.peerAnswers();
        if (rig.endOf(rig.lastTag) === 'answered') return;
      }
      await rig.wait(15_000);
    }
  }
  must(false, () => `an hour of good weather and no submit gets through: ${rig.connector.state}`);
}

async function stops(rig: ConnectorRig, ending: Ending): Promise<void> {
  // What is owed by either side then stays owed, and is waited for only so long.
  if (ending === 'silent') await rig.peerSays([{ octets: RECEIPT }], []);
  const progress = { stopped: false };
  void rig.connector.stop().then(() => {
    progress.stopped = true;
  });
  // Silence: 10 s for the submits, 10 s for the deliveries, 2 s for unbind_resp; sooner than a dead link is found.
  const turns = ending === 'silent' ? 11 : 20;
  for (let turn = 0; turn < turns; turn += 1) {
    if (progress.stopped) break;
    if (ending === 'polite') {
      await rig.settle();
      await rig.peerAnswers();
      await rig.catchUp();
    }
    if (turn > 4) await rig.wait(5000);
  }
  must(progress.stopped, () => `stop() does not end: ${JSON.stringify(rig.connector.counters())}`);
  must(rig.submitsWithoutEnd === 0, () => `${String(rig.submitsWithoutEnd)} submits have no end`);
  await rig.look();
  must(rig.asksWithoutEnd === 0, () => `${String(rig.asksWithoutEnd)} asks have no end`);
  must(rig.connector.counters().windowInUse === 0, () => 'the window is not empty');
}

export const connectorTarget: FuzzTarget = {
  name: 'connector and sessions',
  input: 'a scenario of up to 8 steps on a virtual clock',
  share: 0.03,
  property: () =>
    fc.asyncProperty(
      rigOptions,
      fc.array(step, { minLength: 1, maxLength: 8 }),
      fc.constantFrom('silent', 'polite'),
      check,
    ),
};
