// How a call request is answered, the ways included in which real gateways fail.
import type { ServerResponse } from 'node:http';
import type { CallScript } from './call-script.js';
import { json, send, text } from './http-reply.js';

// E.164 as the gateway wants it, with the plus.
const NUMBER = /^\+[1-9]\d{6,14}$/;

/** The entry status of a number that is not dialled; null when it is. */
export function refusalOf(number: string, script: CallScript): string | null {
  if (!NUMBER.test(number) || script.response === 'invalid-number') return 'InvalidPhoneNumber';
  if (script.response === 'insufficient-credit') return 'InsufficientCredit';
  return script.response === 'unauthorised' ? 'None' : null;
}

export function answerWith(
  kind: CallScript['response'],
  entries: readonly object[],
  response: ServerResponse,
): void {
  switch (kind) {
    case 'never':
      return;
    case 'cut':
      response.destroy();
      return;
    case 'server-error':
      send(response, text(500, 'Internal Server Error'));
      return;
    case 'unauthorised':
      send(response, text(401, 'The supplied authentication is invalid'));
      return;
    case 'unreadable':
      send(response, text(201, '<html>OK</html>'));
      return;
    case 'queued':
    case 'insufficient-credit':
    case 'invalid-number':
      send(response, json(201, { entries, errorMessage: 'None' }));
  }
}
