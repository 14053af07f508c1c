// What the sessions of one bind have done since its connector was made; one object is shared by all of
// them, one after the other.
export interface SessionCounters {
  binds: number;
  linksLost: number;
  submitsSent: number;
  submitsAnswered: number;
  submitsTimedOut: number;
  submitsLinkLost: number;
  submitsNotSent: number;
  submitsAnsweredLate: number;
  /** query_sm, cancel_sm and replace_sm, and how they ended. */
  asksSent: number;
  asksAnswered: number;
  /** Answered with another status than ESME_ROK; counted in asksAnswered too. */
  asksRefused: number;
  /** Timed out, or the link went first. */
  asksUnanswered: number;
  /** Responses that matched nothing. */
  strayResponses: number;
  deliversReceived: number;
  deliversAccepted: number;
  deliversRefused: number;
  deliversUnreadable: number;
  enquireLinksSent: number;
  framingFaults: number;
  /** Calls of the listener that threw. */
  listenerFailures: number;
  /** bind_*_resp other than ESME_ROK, by command_status. */
  readonly bindRefusals: Map<number, number>;
  /** submit_sm_resp by command_status. */
  readonly answersByStatus: Map<number, number>;
}

export function newCounters(): SessionCounters {
  return {
    binds: 0,
    linksLost: 0,
    submitsSent: 0,
    submitsAnswered: 0,
    submitsTimedOut: 0,
    submitsLinkLost: 0,
    submitsNotSent: 0,
    submitsAnsweredLate: 0,
    asksSent: 0,
    asksAnswered: 0,
    asksRefused: 0,
    asksUnanswered: 0,
    strayResponses: 0,
    deliversReceived: 0,
    deliversAccepted: 0,
    deliversRefused: 0,
    deliversUnreadable: 0,
    enquireLinksSent: 0,
    framingFaults: 0,
    listenerFailures: 0,
    bindRefusals: new Map(),
    answersByStatus: new Map(),
  };
}

type Count = {
  [Name in keyof SessionCounters]: SessionCounters[Name] extends number ? Name : never;
}[keyof SessionCounters];

const COUNTS = Object.entries(newCounters()).flatMap(([name, value]) =>
  typeof value === 'number' ? [name as Count] : [],
);

export function sumOf(counters: Iterable<SessionCounters>): SessionCounters {
  const sum = newCounters();
  for (const one of counters) {
    for (const name of COUNTS) sum[name] += one[name];
    addTo(sum.bindRefusals, one.bindRefusals);
    addTo(sum.answersByStatus, one.answersByStatus);
  }
  return sum;
}

function addTo(sum: Map<number, number>, counts: ReadonlyMap<number, number>): void {
  for (const [status, count] of counts) sum.set(status, (sum.get(status) ?? 0) + count);
}
