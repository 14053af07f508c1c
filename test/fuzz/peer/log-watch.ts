// Takes what a connector logs and looks at every line: bounded, and without personal text at level
// info and above.
import type { Findings } from '../target.js';
import { PRIVATE_TEXT } from './pdus.js';

type Level = 'debug' | 'info' | 'warn' | 'error';

export interface LogLine {
  readonly level: Level;
  readonly fields: unknown;
  readonly message: string;
}

/** Fields and message as JSON. A stack trace is the longest thing that belongs there. */
const MAX_LINE = 3000;
const PRIVATE_HEX = Buffer.from(PRIVATE_TEXT).toString('hex');

export class LogWatch {
  constructor(private readonly findings: Findings) {}

  readonly lines: LogLine[] = [];
  readonly sink = {
    debug: this.at('debug'),
    info: this.at('info'),
    warn: this.at('warn'),
    error: this.at('error'),
  };

  /** Lines of level warn and above that say this. */
  saying(words: string): readonly LogLine[] {
    return this.lines.filter(({ level, message }) => level !== 'debug' && message.includes(words));
  }

  private at(level: Level): (fields: unknown, message?: string) => void {
    return (fields, message = '') => {
      const line = { level, fields, message };
      const text = JSON.stringify(line);
      this.findings.unless(
        text.length <= MAX_LINE,
        () => `a log line of ${String(text.length)} characters: ${message}`,
      );
      if (level === 'debug') return;
      this.findings.unless(
        !text.includes(PRIVATE_TEXT) && !text.includes(PRIVATE_HEX),
        () => `personal text in the log: ${text}`,
      );
      this.lines.push(line);
    };
  }
}
