// What a connector's sessions have done since it was made; one object is shared by all of them.
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
