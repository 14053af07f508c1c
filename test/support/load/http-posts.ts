// Many single requests over a fixed number of connections that are kept open: each connection
// sends its next request when it has the answer to the one before.
import { Agent, request } from 'node:http';

export interface PostedRun {
  readonly seconds: number;
  /** Answers by what they said: `202`, `503`, or the code of a socket error. */
  readonly answers: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Posts {
  readonly url: string;
  readonly count: number;
  readonly connections: number;
  /** The JSON of request `index`, from 0 on. */
  readonly bodyOf: (index: number) => string;
}

/** @returns percentiles of all answers, from the request's first octet to the answer's last */
export async function post({ url, count, connections, bodyOf }: Posts): Promise<PostedRun> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port, pathname } = new URL(url);
  const target = { agent, hostname, port, path: pathname, method: 'POST' };
  const tookMs = new Float64Array(count);
  const answers: Record<string, number> = {};
  let next = 0;

  const one = (index: number): Promise<string> =>
    new Promise((resolve) => {
      const body = Buffer.from(bodyOf(index));
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      const sent = request({ ...target, headers }, (response) => {
        response.on('end', () => {
          resolve(String(response.statusCode));
        });
        response.resume();
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code ?? error.message);
      });
      sent.end(body);
    });

  const connection = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const sentMs = performance.now();
      const answer = await one(index);
      tookMs[index] = performance.now() - sentMs;
      answers[answer] = (answers[answer] ?? 0) + 1;
    }
  };

  const startedMs = performance.now();
  await Promise.all(Array.from({ length: connections }, connection));
  const seconds = (performance.now() - startedMs) / 1000;
  agent.destroy();
  tookMs.sort();
  const percentile = (share: number): number =>
    Number((tookMs[Math.min(count - 1, Math.floor(count * share))] ?? NaN).toFixed(1));
  return { seconds, answers, p50Ms: percentile(0.5), p99Ms: percentile(0.99) };
}
