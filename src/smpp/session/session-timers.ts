// The timers of a session (SMPP 3.4 §7.2) as data: a pure step from one state to the next, and at
// most one action for the session to perform. Response timeouts of submit_sm are the send window's.
//
// | phase      | nothing for                                    | action                        |
// |------------|------------------------------------------------|-------------------------------|
// | connecting | connectTimeoutMs since it began                | close connect-timeout         |
// | binding    | bindTimeoutMs since it began                   | close bind-timeout            |
// | bound      | enquireLinkIntervalMs without a PDU from them  | enquire                       |
// | bound      | responseTimeoutMs after enquire, no PDU at all | close enquire-link-unanswered |
// | bound      | inactivityTimeoutMs without other traffic      | leave                         |
// | leaving    | responseTimeoutMs since it began               | unbind                        |
// | unbinding  | unbindTimeoutMs since it began                 | close unbind-timeout          |
// | any        | partialPduTimeoutMs after a PDU began          | close partial-pdu             |
//
// Any PDU of theirs proves that they live (§4.11); octets that complete no PDU do not.

export interface TimerLimits {
  readonly connectTimeoutMs: number;
  readonly bindTimeoutMs: number;
  readonly enquireLinkIntervalMs: number;
  readonly responseTimeoutMs: number;
  /** Infinity: never. */
  readonly inactivityTimeoutMs: number;
  readonly partialPduTimeoutMs: number;
  readonly unbindTimeoutMs: number;
}

export type Phase = 'connecting' | 'binding' | 'bound' | 'leaving' | 'unbinding';

export interface SessionTimers {
  readonly phase: Phase;
  readonly phaseSinceMs: number;
  /** Last whole PDU from them. */
  readonly heardAtMs: number;
  /** Our enquire_link that nothing has followed yet. */
  readonly enquiredAtMs: number | null;
  /** Last PDU of either side that was no enquire_link. */
  readonly trafficAtMs: number;
  /** A PDU began then and has not ended. */
  readonly partialSinceMs: number | null;
}

export type TimerEvent =
  | { readonly kind: 'entered'; readonly phase: Phase; readonly atMs: number }
  | {
      /** Octets came. */
      readonly kind: 'received';
      readonly atMs: number;
      readonly pdus: number;
      /** Those of them that were no enquire_link or enquire_link_resp. */
      readonly traffic: number;
      /** The octets end inside a PDU. */
      readonly partial: boolean;
    }
  | { readonly kind: 'submitted'; readonly atMs: number }
  | { readonly kind: 'tick'; readonly atMs: number };

export type TimerCloseCause =
  'connect-timeout' | 'bind-timeout' | 'enquire-link-unanswered' | 'unbind-timeout' | 'partial-pdu';

export type TimerAction =
  | { readonly do: 'enquire' }
  | { readonly do: 'leave' }
  | { readonly do: 'unbind' }
  | { readonly do: 'close'; readonly cause: TimerCloseCause };

export function startTimers(atMs: number): SessionTimers {
  return {
    phase: 'connecting',
    phaseSinceMs: atMs,
    heardAtMs: atMs,
    enquiredAtMs: null,
    trafficAtMs: atMs,
    partialSinceMs: null,
  };
}

export function stepTimers(
  timers: SessionTimers,
  event: TimerEvent,
  limits: TimerLimits,
): readonly [SessionTimers, TimerAction | null] {
  const { atMs } = event;
  switch (event.kind) {
    case 'entered': {
      const sinceBind = event.phase === 'bound' ? { heardAtMs: atMs, trafficAtMs: atMs } : {};
      return [{ ...timers, ...sinceBind, phase: event.phase, phaseSinceMs: atMs }, null];
    }
    case 'submitted':
      return [{ ...timers, trafficAtMs: atMs }, null];
    case 'received':
      return [received(timers, event), null];
    case 'tick':
      return ticked(timers, atMs, limits);
  }
}

/** When the next tick has something to do, on the same clock. */
export function timersDueAtMs(timers: SessionTimers, limits: TimerLimits): number {
  const partial =
    timers.partialSinceMs === null ? Infinity : timers.partialSinceMs + limits.partialPduTimeoutMs;
  return Math.min(partial, phaseDueAtMs(timers, limits));
}

function phaseDueAtMs(timers: SessionTimers, limits: TimerLimits): number {
  switch (timers.phase) {
    case 'connecting':
      return timers.phaseSinceMs + limits.connectTimeoutMs;
    case 'binding':
      return timers.phaseSinceMs + limits.bindTimeoutMs;
    case 'bound':
      return Math.min(lifeDueAtMs(timers, limits), timers.trafficAtMs + limits.inactivityTimeoutMs);
    case 'leaving':
      return Math.min(lifeDueAtMs(timers, limits), timers.phaseSinceMs + limits.responseTimeoutMs);
    case 'unbinding':
      return timers.phaseSinceMs + limits.unbindTimeoutMs;
  }
}

function lifeDueAtMs(timers: SessionTimers, limits: TimerLimits): number {
  return timers.enquiredAtMs === null
    ? timers.heardAtMs + limits.enquireLinkIntervalMs
    : timers.enquiredAtMs + limits.responseTimeoutMs;
}

function received(
  timers: SessionTimers,
  event: Extract<TimerEvent, { readonly kind: 'received' }>,
): SessionTimers {
  const { atMs } = event;
  const partialSinceMs = event.pdus > 0 ? atMs : (timers.partialSinceMs ?? atMs);
  return {
    ...timers,
    heardAtMs: event.pdus > 0 ? atMs : timers.heardAtMs,
    enquiredAtMs: event.pdus > 0 ? null : timers.enquiredAtMs,
    trafficAtMs: event.traffic > 0 ? atMs : timers.trafficAtMs,
    partialSinceMs: event.partial ? partialSinceMs : null,
  };
}

function ticked(
  timers: SessionTimers,
  atMs: number,
  limits: TimerLimits,
): readonly [SessionTimers, TimerAction | null] {
  if (timers.partialSinceMs !== null && atMs >= timers.partialSinceMs + limits.partialPduTimeoutMs) {
    return [timers, { do: 'close', cause: 'partial-pdu' }];
  }
  if (atMs < phaseDueAtMs(timers, limits)) return [timers, null];
  switch (timers.phase) {
    case 'connecting':
      return [timers, { do: 'close', cause: 'connect-timeout' }];
    case 'binding':
      return [timers, { do: 'close', cause: 'bind-timeout' }];
    case 'unbinding':
      return [timers, { do: 'close', cause: 'unbind-timeout' }];
    case 'bound':
    case 'leaving':
      if (atMs >= lifeDueAtMs(timers, limits)) {
        return timers.enquiredAtMs === null
          ? [{ ...timers, enquiredAtMs: atMs }, { do: 'enquire' }]
          : [timers, { do: 'close', cause: 'enquire-link-unanswered' }];
      }
      return [timers, { do: timers.phase === 'bound' ? 'leave' : 'unbind' }];
  }
}
