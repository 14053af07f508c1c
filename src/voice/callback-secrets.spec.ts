import { describe, expect, it } from '@jest/globals';
import { CallbackSecrets } from './callback-secrets.js';

const OLD = '0123456789abcdef0123456789abcdef';
const NEW = 'fedcba9876543210fedcba9876543210';

describe('the callback secrets', () => {
  it('match both secrets while one is rotated out, and nothing else', () => {
    const secrets = new CallbackSecrets([NEW, OLD]);
    expect([NEW, OLD].map((secret) => secrets.match(secret))).toEqual([true, true]);
    const wrong = ['', 'x', NEW.slice(1), `${NEW}0`, NEW.toUpperCase(), '0'.repeat(100_000), '\ud800'];
    expect(wrong.filter((secret) => secrets.match(secret))).toEqual([]);
  });

  it.each([
    ['none', []],
    ['three', [OLD, NEW, `${NEW}x`]],
    ['a short one', ['tooshort']],
    ['one that no URL carries unchanged', ['0123456789abcdef/0123456789abcdef']],
    ['one longer than a route parameter may be', ['a'.repeat(101)]],
  ])('refuse %s, without repeating it', (_, given) => {
    expect(() => new CallbackSecrets(given)).toThrow(
      expect.objectContaining({ code: 'VOICE_CALLBACK_SECRET_INVALID' }),
    );
    expect(() => new CallbackSecrets(given)).not.toThrow(given[0] ?? 'no secret to repeat');
  });
});
