import { describe, expect, it } from '@jest/globals';
import { readInstruction } from '../../simulators/voice/spoken-text.js';
import { AfricasTalkingDialect } from './africas-talking-dialect.js';

const dialect = new AfricasTalkingDialect({
  byLocale: { sw: 'sw-KE-Standard-A', 'en-KE': 'en-KE-Chilemba' },
  otherwise: 'woman',
});

const voiceFor = (locale: string | null): unknown => readInstruction(dialect.speak('Hi', locale).body);

describe('the voice of a spoken text', () => {
  it('is the one of the locale, then of the language, then the default', () => {
    expect(voiceFor('en-ke')).toMatchObject({ voice: 'en-KE-Chilemba' });
    expect(voiceFor('sw-TZ')).toMatchObject({ voice: 'sw-KE-Standard-A' });
    expect(voiceFor('en-GB')).toMatchObject({ voice: 'woman' });
    expect(voiceFor(null)).toMatchObject({ voice: 'woman' });
  });

  it('is left to the account when nothing is configured', () => {
    expect(readInstruction(new AfricasTalkingDialect().speak('Hi', 'sw').body)).toMatchObject({
      voice: null,
    });
  });

  it('is not taken from the prototype of the table', () => {
    expect(voiceFor('constructor')).toMatchObject({ voice: 'woman' });
  });

  it('says that it is XML in UTF-8', () => {
    expect(dialect.speak('Hi', null).contentType).toBe('application/xml; charset=utf-8');
    expect(dialect.hangUp().contentType).toBe('application/xml; charset=utf-8');
  });
});
