import { describe, expect, it } from '@jest/globals';
import { given } from '../../../test/support/given.js';
import {
  accepted,
  at,
  attempted,
  command,
  deferredUntil,
  event,
  MESSAGE_ID,
  smsOnly,
} from '../../../test/support/message-builders.js';
import type { MessageEvent } from '../message.events.js';
import { MessageAlreadyAttemptedError, MessageAlreadyFinalError } from '../message.errors.js';

function acceptance(sendAt: string | null) {
  return command('AcceptMessage', 0, {
    to: '+27831234567',
    from: '20414',
    text: 'Hello',
    encoding: 'ucs2',
    partCount: 2,
    priority: 'high',
    class: 'otp',
    channels: smsOnly(),
    validUntil: at(600),
    sendAt,
    reference: 'order 7',
    batch: 'b1',
    locale: 'en-ZA',
  });
}

const acceptedAs = (sendAt: string | null) =>
  event('MessageAccepted', 0, {
    messageId: MESSAGE_ID,
    from: '20414',
    encoding: 'ucs2',
    partCount: 2,
    priority: 'high',
    class: 'otp',
    channels: smsOnly(),
    validUntil: at(600),
    sendAt,
    reference: 'order 7',
    batch: 'b1',
    locale: 'en-ZA',
    personal: { to: '+27831234567', text: 'Hello' },
  });

describe('accepting a message', () => {
  it('keeps everything the sender asked for, numbers and texts apart', () => {
    const state = given().when(acceptance(null)).then(acceptedAs(null));
    expect(state).toMatchObject({
      status: 'accepted',
      outcome: 'pending',
      to: '+27831234567',
      text: 'Hello',
    });
  });

  it('keeps how it is to be written, the octets and the replaced characters with the person', () => {
    const format = {
      nationalTables: null,
      dataCoding: 245,
      flash: false,
      ports: { destination: 2948, source: 9200 },
    };
    const binary = { udh: '', data: 'cafe' };
    const replaced = [{ from: '…', to: '...', count: 1 }];
    const { data } = event('MessageAccepted', 0, {
      messageId: MESSAGE_ID,
      from: '20414',
      encoding: 'ucs2',
      partCount: 2,
      priority: 'high',
      class: 'otp',
      channels: smsOnly(),
      validUntil: at(600),
      sendAt: null,
      reference: 'order 7',
      batch: 'b1',
      locale: 'en-ZA',
      personal: { to: '+27831234567', text: 'Hello', binary, replaced },
      format,
    }) as Extract<MessageEvent, { type: 'MessageAccepted' }>;
    const state = given()
      .when({ ...acceptance(null), format, binary, replaced })
      .then({ type: 'MessageAccepted', at: at(0), data });
    expect(state).toMatchObject({ format, binary, replaced });
    given()
      .when({ ...acceptance(null), format })
      .then({
        type: 'MessageAccepted',
        at: at(0),
        data: { ...data, personal: { to: '+27831234567', text: 'Hello' } },
      });
  });

  it('schedules a message whose sendAt lies ahead', () => {
    const state = given()
      .when(acceptance(at(60)))
      .then(acceptedAs(at(60)), event('MessageScheduled', 0, { sendAt: at(60) }));
    expect(state).toMatchObject({ status: 'scheduled', sendAt: at(60) });
  });

  it('does not schedule what is due already', () => {
    given()
      .when(acceptance(at(0)))
      .then(acceptedAs(at(0)));
    given()
      .when(acceptance(at(-60)))
      .then(acceptedAs(at(-60)));
  });

  it('reads a sendAt with an offset as the instant it is', () => {
    const sendAt = '2026-01-01T10:00:00+02:00'; // equals at(0)
    given().when(acceptance(sendAt)).then(acceptedAs(sendAt));
  });
});

describe('suppressing a message', () => {
  const suppress = command('SuppressMessage', 5, { reason: 'opted out' });

  it('works before the first attempt, and nobody is reached', () => {
    const state = given(accepted())
      .when(suppress)
      .then(event('MessageSuppressed', 5, { reason: 'opted out' }));
    expect(state).toMatchObject({ status: 'suppressed', outcome: 'not-reached', reason: 'opted out' });
  });

  it('is refused once an attempt was made, even when it was only deferred', () => {
    given(accepted(), attempted(1)).when(suppress).thenThrows(MessageAlreadyAttemptedError);
    given(accepted(), attempted(1), deferredUntil(2, 60))
      .when(suppress)
      .thenThrows(MessageAlreadyAttemptedError);
  });

  it('is refused once the message has ended otherwise', () => {
    given(accepted(), event('MessageCancelled', 4, { by: 'request', reason: 'x' }))
      .when(suppress)
      .thenThrows(MessageAlreadyFinalError);
  });
});
