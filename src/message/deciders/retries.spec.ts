// How often and how soon a refused message is submitted again.
import { describe, expect, it } from '@jest/globals';
import { given } from '../../../test/support/given.js';
import {
  accepted,
  at,
  attempted,
  command,
  every,
  event,
  HOLD,
  smsThenVoice,
} from '../../../test/support/message-builders.js';
import { decide } from '../message.decider.js';
import type { PartSubmission, RetryRule } from '../message.commands.js';
import { evolve, initialState, type KnownMessage } from '../message.js';
import type { MessageEvent } from '../message.events.js';

const TWICE: RetryRule = { limit: 2, firstSeconds: 30, factor: 2, longestSeconds: 50 };
const BUSY = { code: 0x08, name: 'ESME_RSYSERR' };
const FAILED = { code: 0x45, name: 'ESME_RSUBMITFAIL' };

const refused = (commandStatus: typeof BUSY, retry: RetryRule, part = 1): PartSubmission => ({
  part,
  end: 'deferred',
  cause: 'refused',
  commandStatus,
  retry,
});
const notSent: PartSubmission = {
  part: 1,
  end: 'deferred',
  cause: 'not-sent',
  commandStatus: null,
  retry: every(1),
};

function record(seconds: number, attempt: number, ...results: readonly PartSubmission[]) {
  return command('RecordSubmission', seconds, { attempt, connector: 'main', inDoubtPolicy: HOLD, results });
}

interface Lived {
  readonly events: readonly MessageEvent[];
  readonly state: KnownMessage;
}

/** A message whose attempts end like this, one after another, a thousand seconds apart. */
function lived(partCount: number, ...ends: readonly (readonly PartSubmission[])[]): Lived {
  let state = evolve(initialState, accepted({ validUntil: at(1_000_000), partCount }));
  const events: MessageEvent[] = [];
  ends.forEach((results, index) => {
    const seconds = 1_000 * (index + 1);
    const asked = [
      command('AttemptSubmit', seconds, { connector: 'main', sender: 's', longForm: 'udh8' }),
      record(seconds + 1, index + 1, ...results),
    ];
    for (const ask of asked) {
      for (const next of decide(ask, state)) {
        state = evolve(state, next);
        events.push(next);
      }
    }
  });
  return { events, state };
}

const deferrals = ({ events }: Lived) =>
  events.flatMap(({ type, at: when, data }) =>
    type === 'SubmitDeferred'
      ? [
          `${data.commandStatus?.name ?? 'not sent'} ${String(data.retry)} +${String(secondsFrom(when, data.retryAt))}`,
        ]
      : [],
  );
const secondsFrom = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1_000;

describe('a refusal that may be retried', () => {
  it('is retried after growing pauses, computed from the instant of its record, and then final', () => {
    const end = [refused(BUSY, TWICE, 1), refused(BUSY, TWICE, 2)];
    const life = lived(2, end, end, end);
    expect(deferrals(life)).toEqual(['ESME_RSYSERR 1 +30', 'ESME_RSYSERR 2 +50']);
    expect(life.events.at(-1)).toEqual(
      event('MessageRejected', 3_001, {
        cause: 'submit',
        reason: 'refused at submit: ESME_RSYSERR, and again in 2 retries',
        attempt: 3,
        connector: 'main',
        parts: [1, 2],
        commandStatus: BUSY,
        retries: 2,
      }),
    );
    expect(life.state).toMatchObject({
      status: 'rejected',
      reason: 'part 1 of 2: refused at submit: ESME_RSYSERR, and again in 2 retries',
    });
  });

  it('is final at once where no retry is allowed', () => {
    given(accepted({ channels: smsThenVoice() }), attempted(1))
      .when(record(2, 1, refused(BUSY, every(30, 0))))
      .then(
        event('MessageRejected', 2, {
          cause: 'submit',
          reason: 'refused at submit: ESME_RSYSERR',
          attempt: 1,
          connector: 'main',
          parts: [1],
          commandStatus: BUSY,
          retries: 0,
        }),
      );
  });

  it('is counted by status: another one begins anew', () => {
    const life = lived(
      1,
      [refused(BUSY, TWICE)],
      [refused(FAILED, TWICE)],
      [refused(BUSY, TWICE)],
      [refused(FAILED, TWICE)],
    );
    expect(life.state).toMatchObject({ status: 'accepted', attempts: 4 });
  });

  it('counts an attempt once, though the ends of its parts are recorded one after another', () => {
    const history = [accepted({ partCount: 2 }), attempted(1, 1, [1, 2])];
    const first = given(...history)
      .when(record(2, 1, refused(BUSY, TWICE, 1)))
      .decided();
    const second = given(...history, ...first)
      .when(record(3, 1, refused(BUSY, TWICE, 2)))
      .decided();
    expect([...first, ...second]).toMatchObject([{ data: { retry: 1 } }, { data: { retry: 1, parts: [2] } }]);
  });

  it('never comes to an end by count without a limit, only by the validity', () => {
    const end = [refused(BUSY, { ...TWICE, limit: null })];
    const { state } = lived(1, ...Array.from({ length: 60 }, () => end));
    expect(state).toMatchObject({ attempts: 60, deferrals: [{ code: 8, count: 60 }] });
    expect(state.status).not.toBe('rejected');
  });

  it('leaves the other parts alone when one part has used up its retries', () => {
    const once = every(30, 1);
    const life = lived(
      2,
      [refused(BUSY, once, 1), { part: 2, end: 'submitted', smscMessageId: 'b' }],
      [refused(BUSY, once, 1)],
    );
    expect(life.state.parts).toMatchObject([
      { state: 'rejected', reason: 'ESME_RSYSERR, and again in 1 retry' },
      { state: 'submitted' },
    ]);
  });
});

describe('the last deferral', () => {
  it('is known with its connector and cause', () => {
    expect(lived(1).state.lastDeferral).toBeNull();
    expect(lived(1, [refused(BUSY, TWICE)]).state.lastDeferral).toEqual({
      connector: 'main',
      cause: 'refused',
    });
    const { state } = lived(1, [refused(BUSY, TWICE)], [notSent]);
    expect(state.lastDeferral).toEqual({ connector: 'main', cause: 'not-sent' });
  });
});

describe('a refusal while another connector could carry the message', () => {
  const by = (connector: string, seconds: number, attempt: number) => ({
    ...record(seconds, attempt, refused(BUSY, TWICE)),
    connector,
    elsewhere: true,
  });
  const attemptOf = (attempt: number, seconds: number, connector: string): MessageEvent =>
    attempted(seconds, attempt, [1], { connector });

  it('sends it there in a moment, once; refused there as well, it waits as the rule says', () => {
    const first = given(accepted(), attemptOf(1, 1, 'one'))
      .when(by('one', 2, 1))
      .decided();
    expect(first).toMatchObject([{ type: 'SubmitDeferred', data: { retry: 1, retryAt: at(3) } }]);
    const second = given(accepted(), attemptOf(1, 1, 'one'), ...first, attemptOf(2, 3, 'two'))
      .when(by('two', 4, 2))
      .decided();
    expect(second).toMatchObject([{ type: 'SubmitDeferred', data: { retry: 2, retryAt: at(54) } }]);
  });

  it('changes no pause of throttling: the connector slows down by itself', () => {
    const commandStatus = { code: 0x58, name: 'ESME_RTHROTTLED' };
    const throttled: PartSubmission = {
      part: 1,
      end: 'deferred',
      cause: 'throttled',
      commandStatus,
      retry: every(5),
    };
    given(accepted(), attemptOf(1, 1, 'one'))
      .when({ ...record(2, 1, throttled), connector: 'one', elsewhere: true })
      .then(
        event('SubmitDeferred', 2, {
          ...{ attempt: 1, connector: 'one', parts: [1], cause: 'throttled', commandStatus },
          ...{ retry: 1, retryAt: at(7) },
        }),
      );
  });
});
