// Answers over plain node:http, and request bodies of bounded size.
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Reply {
  readonly httpStatus: number;
  readonly contentType: string;
  readonly body: string;
}

export const REQUEST_OCTETS = 1_048_576;
export function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.httpStatus, { 'content-type': reply.contentType }).end(reply.body);
}

export function text(httpStatus: number, body: string): Reply {
  return { httpStatus, contentType: 'text/plain', body };
}

export function json(httpStatus: number, value: unknown): Reply {
  return { httpStatus, contentType: 'application/json', body: JSON.stringify(value) };
}

/** Null when it is too large. */
export async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    octets += chunk.byteLength;
    if (octets <= REQUEST_OCTETS) chunks.push(chunk);
  }
  return octets > REQUEST_OCTETS ? null : Buffer.concat(chunks).toString('utf8');
}
