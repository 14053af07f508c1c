import { beforeEach, describe, expect, it } from '@jest/globals';
import { SeededRandomness, VirtualClock } from '../../../clock/virtual-clock.js';
import { CommandStatus } from '../wire/pdu.js';
import { ScriptBook } from './script.js';
import { DEFAULT_SETTINGS, type SettingsChange, withChange } from './settings.js';
import { type SubmitPlan, SubmitPlanner } from './submit-planner.js';

let clock: VirtualClock;
let scripts: ScriptBook;
let planner: SubmitPlanner;

beforeEach(() => {
  clock = new VirtualClock();
  scripts = new ScriptBook();
});

function plannerWith(change: SettingsChange): void {
  planner = new SubmitPlanner(withChange(DEFAULT_SETTINGS, change), scripts, clock, new SeededRandomness(7));
}

function stats(plan: SubmitPlan): string[] {
  return plan.receipts.map(({ stat }) => stat);
}

function statuses(count: number): Record<string, number> {
  const found: Record<string, number> = {};
  for (let n = 0; n < count; n += 1) {
    const { status } = planner.plan('255700000000');
    found[String(status)] = (found[String(status)] ?? 0) + 1;
  }
  return found;
}

describe('SubmitPlanner', () => {
  it.each([
    ['0', ['DELIVRD']],
    ['4', ['DELIVRD']],
    ['5', ['UNDELIV']],
    ['6', ['EXPIRED']],
    ['7', ['REJECTD']],
    ['8', ['ACCEPTD', 'DELIVRD']],
    ['9', []],
  ])('plans by the last digit %s: %j', (digit, expected) => {
    plannerWith({});
    const plan = planner.plan(`25570000000${digit}`);
    expect(plan.status).toBe(CommandStatus.ESME_ROK);
    expect(stats(plan)).toEqual(expected);
  });

  it('breaks the link at every submit to a poisoned destination, and accepts none', () => {
    plannerWith({ poisonDestinations: ['25570', '1'], disconnectMode: 'rst' });
    const poisoned = { answer: false, disconnect: 'rst', receipts: [], status: CommandStatus.ESME_RSYSERR };
    for (let n = 0; n < 3; n += 1) expect(planner.plan('255700000000')).toMatchObject(poisoned);
    expect(planner.plan('255800000000')).toMatchObject({ answer: true, disconnect: undefined, status: 0 });
  });

  it('spaces the receipts of one message', () => {
    plannerWith({ receiptDelayMs: 40 });
    expect(planner.plan('8').receipts.map(({ delayMs }) => delayMs)).toEqual([40, 80]);
  });

  it('lets exactly one receipt settle the message, copies and contradictions included', () => {
    plannerWith({ duplicateReceipts: 2, contradictingReceipts: true });
    const plan = planner.plan('5');
    expect(stats(plan)).toEqual(['UNDELIV', 'UNDELIV', 'UNDELIV', 'DELIVRD', 'DELIVRD', 'DELIVRD']);
    expect(plan.receipts.filter(({ settles }) => settles)).toHaveLength(1);
    expect(plan.receipts[0]?.settles).toBe(true);
  });

  it('draws outcomes by share', () => {
    plannerWith({
      outcomes: {
        delivered: 0.5,
        undeliverable: 0.5,
        expired: 0,
        rejected: 0,
        acceptedThenDelivered: 0,
        silent: 0,
      },
    });
    const drawn = Array.from({ length: 1000 }, () => stats(planner.plan('9'))[0]);
    const delivered = drawn.filter((stat) => stat === 'DELIVRD').length;
    expect(delivered).toBeGreaterThan(420);
    expect(delivered).toBeLessThan(580);
    expect(drawn.filter((stat) => stat === 'UNDELIV').length).toBe(1000 - delivered);
  });

  it('refuses the shares asked for and plans no receipt for them', () => {
    plannerWith({ throttleShare: 0.3, queueFullShare: 0.2, rejectShare: 0.1, rejectStatus: 0x0b });
    const found = statuses(10_000);
    expect(found[String(CommandStatus.ESME_RTHROTTLED)]).toBeGreaterThan(2800);
    expect(found[String(CommandStatus.ESME_RTHROTTLED)]).toBeLessThan(3200);
    expect(found[String(CommandStatus.ESME_RMSGQFUL)]).toBeGreaterThan(1800);
    expect(found[String(0x0b)]).toBeGreaterThan(850);
    plannerWith({ throttleShare: 1 });
    expect(stats(planner.plan('0'))).toEqual([]);
  });

  it('throttles what exceeds the rate, and lets a second pass make up for it', () => {
    plannerWith({ submitsPerSecond: 10 });
    clock.advance(1000);
    expect(statuses(15)).toEqual({ '0': 10, [String(CommandStatus.ESME_RTHROTTLED)]: 5 });
    clock.advance(500);
    expect(statuses(15)).toEqual({ '0': 5, [String(CommandStatus.ESME_RTHROTTLED)]: 10 });
    clock.advance(60_000);
    expect(statuses(15)['0']).toBe(10);
  });

  it('drops responses by share but accepts the message', () => {
    plannerWith({ dropResponseShare: 1 });
    expect(planner.plan('0')).toMatchObject({ status: 0, answer: false });
  });

  it('breaks the link at the n-th submit once, and again only when told so', () => {
    plannerWith({ disconnectAfterSubmits: 3 });
    const broken = (count: number): number[] =>
      Array.from({ length: count }, (_, nth) =>
        planner.plan('0').disconnect === undefined ? -1 : nth,
      ).filter((nth) => nth >= 0);
    expect(broken(10)).toEqual([2]);
    plannerWith({ disconnectAfterSubmits: 3, disconnectRepeatedly: true });
    expect(broken(10)).toEqual([2, 5, 8]);
  });

  it('does not arm the disconnect again when another knob is turned', () => {
    plannerWith({ disconnectAfterSubmits: 1 });
    expect(planner.plan('0')).toMatchObject({ answer: false, disconnect: 'fin' });
    planner.use(withChange(DEFAULT_SETTINGS, { disconnectAfterSubmits: 1, receiptDelayMs: 1 }), {
      receiptDelayMs: 1,
    });
    expect(planner.plan('0').disconnect).toBeUndefined();
  });

  it('lets a script stand above the settings', () => {
    plannerWith({ throttleShare: 1, receiptDelayMs: 30 });
    scripts.add({
      destination: '2557',
      receipts: [
        { stat: 'ACCEPTD' },
        { stat: 'DELIVRD', delayMs: 5, copies: 2, messageId: '00ff', err: '0' },
      ],
      answer: false,
      disconnect: 'rst',
    });
    expect(planner.plan('255700000009')).toEqual({
      status: 0,
      answer: false,
      responseDelayMs: 0,
      receiptsFirst: false,
      receipts: [
        { stat: 'ACCEPTD', delayMs: 30, settles: false },
        { stat: 'DELIVRD', delayMs: 5, settles: true, messageId: '00ff', err: '0' },
        { stat: 'DELIVRD', delayMs: 5, settles: false, messageId: '00ff', err: '0' },
      ],
      disconnect: 'rst',
    });
    expect(planner.plan('49170000000').status).toBe(CommandStatus.ESME_RTHROTTLED);
  });

  it('plans no receipts for a submit that a script refuses', () => {
    plannerWith({});
    scripts.add({ destination: '', status: 0x14 });
    expect(stats(planner.plan('0'))).toEqual([]);
  });
});
