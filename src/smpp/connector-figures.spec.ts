import { describe, expect, it } from '@jest/globals';
import { ConnectorFigures } from './connector-figures.js';
import { newCounters, sumOf } from './session/session-counters.js';

const answered = (commandStatus: number) =>
  ({ end: 'answered', commandStatus, pdu: Buffer.alloc(0) }) as const;

describe('the figures of a connector', () => {
  it('count asks by command and end', () => {
    const figures = new ConnectorFigures();
    figures.asked('query_sm', answered(0));
    figures.asked('query_sm', answered(0));
    figures.asked('query_sm', answered(0x67));
    figures.asked('cancel_sm', { end: 'timed-out' });
    figures.asked('cancel_sm', { end: 'link-lost' });
    figures.asked('replace_sm', { end: 'not-sent', detail: 'no capacity' });
    const none = { accepted: 0, refused: 0, 'timed-out': 0, 'link-lost': 0, 'not-sent': 0 };
    expect(figures.asks).toEqual({
      query_sm: { ...none, accepted: 2, refused: 1 },
      cancel_sm: { ...none, 'timed-out': 1, 'link-lost': 1 },
      replace_sm: { ...none, 'not-sent': 1 },
    });
  });

  it('tell congestion as it was told last, for a minute', () => {
    const figures = new ConnectorFigures();
    expect(figures.congestionState(0)).toBeNull();
    figures.congested(95, 1_000);
    figures.congested(40, 2_000);
    expect(figures.congestionState(62_000)).toBe(40);
    expect(figures.congestionState(62_001)).toBeNull();
  });
});

describe('counters of several binds', () => {
  it('are added up name by name and status by status', () => {
    const [one, other] = [newCounters(), newCounters()];
    one.submitsSent = 3;
    other.submitsSent = 4;
    other.framingFaults = 1;
    one.answersByStatus.set(0, 3);
    other.answersByStatus.set(0, 2).set(0x58, 1);
    other.bindRefusals.set(0x0d, 1);
    const sum = sumOf([one, other]);
    expect(sum).toMatchObject({ submitsSent: 7, framingFaults: 1, linksLost: 0 });
    expect([...sum.answersByStatus, ...sum.bindRefusals]).toEqual([
      [0, 5],
      [0x58, 1],
      [0x0d, 1],
    ]);
    expect(one.submitsSent).toBe(3);
  });
});
