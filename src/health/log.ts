// The log: JSON lines through pino. Texts, whole numbers of people and secrets never reach it.
import { inspect } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type LogFn, type Logger, type LoggerOptions } from 'pino';

/** What a room may ask of the log; also the Nest token. A pino logger is one. */
export abstract class Log {
  abstract readonly error: LogFn;
  abstract readonly warn: LogFn;
  abstract readonly info: LogFn;
  abstract readonly debug: LogFn;
}

// pino redacts by path; two levels cover how rooms log: an object, or an event inside one.
const PRIVATE = ['to', 'text', 'personal', 'password', 'apiKey', 'authorization', 'secret'];
const REDACTED_PATHS = PRIVATE.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export function createLog(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    redact: { paths: REDACTED_PATHS, censor: '[private]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** A telephone number as a log may show it: its last three digits. */
export function masked(msisdn: string): string {
  return `…${msisdn.slice(-3)}`;
}

/** Nest's own messages, sent to the same log. */
export class NestLog implements LoggerService {
  constructor(private readonly logger: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    // Nest tells of every route it maps and every module it loads: of use to developers only.
    this.logger.debug({ context: contextOf(rest) }, textOf(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error({ context: contextOf(rest), details: rest.slice(0, -1).map(textOf) }, textOf(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn({ context: contextOf(rest) }, textOf(message));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug({ context: contextOf(rest) }, textOf(message));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.debug(message, ...rest);
  }
}

function contextOf(rest: readonly unknown[]): string {
  const last = rest.at(-1);
  return typeof last === 'string' ? last : 'nest';
}

function textOf(message: unknown): string {
  if (message instanceof Error) return message.stack ?? message.message;
  return typeof message === 'string' ? message : inspect(message, { breakLength: Infinity });
}
