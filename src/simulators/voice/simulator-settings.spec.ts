import { describe, expect, it } from '@jest/globals';
import {
  checkedScript,
  checkedSettings,
  SIMULATOR_DEFAULTS,
  SimulatorSettingError,
} from './simulator-settings.js';

describe('the settings of the voice simulator', () => {
  it('accept their own defaults', () => {
    expect(checkedSettings({ ...SIMULATOR_DEFAULTS })).toEqual(SIMULATOR_DEFAULTS);
  });

  it.each([
    ['settings', null],
    ['settings', []],
    ['settings', 'fast'],
    ['ringDelay', { ringDelay: 5 }],
    ['ringDelayMs', { ringDelayMs: -1 }],
    ['ringDelayMs', { ringDelayMs: '5' }],
    ['ringDelayMs', { ringDelayMs: 1.5 }],
    ['copies', { copies: 0 }],
    ['end', { end: 'dead' }],
    ['response', { response: 'ok' }],
    ['callbackUrl', { callbackUrl: 'ftp://x' }],
    ['callbackUrl', { callbackUrl: 7 }],
    ['echoLabel', { echoLabel: 'yes' }],
    ['shares', { shares: { answered: -1 } }],
    ['shares', { shares: { answered: 0 } }],
    ['shares', { shares: { dead: 1 } }],
    ['constructor', { constructor: 1 }],
  ])('name %s when it cannot be', (name, settings) => {
    expect(() => checkedSettings(settings)).toThrow(SimulatorSettingError);
    expect(() => checkedSettings(settings)).toThrow(`${name}: `);
  });

  it('of one script do not include those of the whole simulator', () => {
    expect(checkedScript({ end: 'busy', copies: 3 })).toEqual({ end: 'busy', copies: 3 });
    expect(() => checkedScript({ callbackUrl: null })).toThrow('callbackUrl: ');
  });
});
