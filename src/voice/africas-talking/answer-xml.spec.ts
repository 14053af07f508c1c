import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readInstruction } from '../../simulators/voice/spoken-text.js';
import { rejectXml, sayXml, speakable } from './answer-xml.js';

describe('the XML that speaks a text', () => {
  it('is exactly the document Africa’s Talking expects', () => {
    expect(sayXml('Hello', null)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response><Say>Hello</Say></Response>',
    );
    expect(rejectXml()).toBe('<?xml version="1.0" encoding="UTF-8"?><Response><Reject/></Response>');
  });

  it('escapes what XML would take for markup', () => {
    expect(sayXml(`<Dial> & "you" 'n' ]]>`, null)).toContain(
      '<Say>&lt;Dial&gt; &amp; &quot;you&quot; &apos;n&apos; ]]&gt;</Say>',
    );
  });

  it('escapes the voice, so that a setting cannot add an attribute', () => {
    expect(sayXml('Hi', 'x" playBeep="true')).toContain('<Say voice="x&quot; playBeep=&quot;true">Hi</Say>');
  });

  it('drops control characters and keeps line breaks and tabs', () => {
    expect(speakable('a\u0000b\u0007c\u001bd\u007fe\u009ff\tg\r\nh\ri\nj')).toBe('abcdef\tg\nh\ni\nj');
  });

  it('drops lone surrogates and non-characters, which no XML may hold', () => {
    expect(speakable('a\ud800b\udfffc\ufffed\uffffe')).toBe('abcde');
    expect(speakable('😀')).toBe('😀');
  });

  it('is read back by a strict reader as the very same text, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const instruction = readInstruction(sayXml(text, null));
        expect(instruction).toEqual({ verb: 'say', text: speakable(text), voice: null });
      }),
    );
  });

  it('leaves any text without controls exactly as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(speakable(text)).toBe(text);
      }),
    );
  });
});
