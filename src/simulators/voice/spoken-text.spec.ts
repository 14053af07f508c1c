import { describe, expect, it } from '@jest/globals';
import { readInstruction, UnreadableInstructionError } from './spoken-text.js';

const inResponse = (content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Response>${content}</Response>`;

describe('the reader of voice XML', () => {
  it.each([
    ['<Say>Hello</Say>', { verb: 'say', text: 'Hello', voice: null }],
    ['<Say></Say>', { verb: 'say', text: '', voice: null }],
    ['<Say voice="woman" playBeep="false">Hi</Say>', { verb: 'say', text: 'Hi', voice: 'woman' }],
    ['<Say voice="a&quot;b">Hi</Say>', { verb: 'say', text: 'Hi', voice: 'a"b' }],
    ['<Say>&lt;b&gt; &amp;amp; &quot;&apos;</Say>', { verb: 'say', text: `<b> &amp; "'`, voice: null }],
    ['<Say>&#65;&#x1F600;</Say>', { verb: 'say', text: 'A😀', voice: null }],
    ['<Say>one\r\ntwo\rthree</Say>', { verb: 'say', text: 'one\ntwo\nthree', voice: null }],
    [' \n<Reject/>\n', { verb: 'reject' }],
    ['<Reject></Reject>', { verb: 'reject' }],
  ])('reads %j', (content, instruction) => {
    expect(readInstruction(inResponse(content))).toEqual(instruction);
  });

  it('does without the prologue', () => {
    expect(readInstruction('<Response><Reject/></Response>')).toEqual({ verb: 'reject' });
  });

  it.each([
    ['nothing', ''],
    ['plain text', 'Hello'],
    ['HTML', '<html>OK</html>'],
    ['an empty response', inResponse('')],
    ['an unescaped "&"', inResponse('<Say>Tom & Jerry</Say>')],
    ['an unheard-of entity', inResponse('<Say>&nbsp;</Say>')],
    ['an unescaped "<"', inResponse('<Say>1 < 2</Say>')],
    ['an unescaped "]]>"', inResponse('<Say>]]></Say>')],
    ['markup inside the text', inResponse('<Say>Hi <b>you</b></Say>')],
    ['two verbs', inResponse('<Say>Hi</Say><Reject/>')],
    ['an unquoted attribute', inResponse('<Say voice=woman>Hi</Say>')],
    ['a control character', inResponse('<Say>a\u0007b</Say>')],
    ['a lone surrogate', inResponse('<Say>a\ud800b</Say>')],
    ['an escaped control character', inResponse('<Say>&#7;</Say>')],
    ['a character beyond Unicode', inResponse('<Say>&#x110000;</Say>')],
    ['another root', '<Answer><Say>Hi</Say></Answer>'],
    ['something after the root', `${inResponse('<Say>Hi</Say>')}<x/>`],
  ])('refuses %s, as a gateway would', (_, xml) => {
    expect(() => readInstruction(xml)).toThrow(UnreadableInstructionError);
  });
});
