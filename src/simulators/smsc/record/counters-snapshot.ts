// The counters together with how things stand at the moment of asking.
import type { Centre, SessionMode } from '../session/centre.js';
import type { CountersSnapshot } from './counters.js';

export function countersSnapshot(centre: Centre): CountersSnapshot {
  const sessions = [...centre.sessions];
  const inMode = (mode: SessionMode): number => sessions.filter((session) => session.mode === mode).length;
  const cpu = process.cpuUsage();
  return {
    ...structuredClone(centre.counters),
    sessions: {
      open: inMode('open'),
      transmitter: inMode('transmitter'),
      receiver: inMode('receiver'),
      transceiver: inMode('transceiver'),
    },
    scheduled: centre.wheel.size + centre.responses.size,
    deliveriesWaiting: [...centre.accounts.values()].reduce((sum, { waiting }) => sum + waiting, 0),
    deliveriesUnacknowledged: sessions.reduce((sum, { unacknowledged }) => sum + unacknowledged, 0),
    firstSubmitAt: iso(centre.firstSubmitAt),
    lastSubmitAt: iso(centre.lastSubmitAt),
    lastAcknowledgementAt: iso(centre.lastAcknowledgementAt),
    process: {
      cpuUserMs: cpu.user / 1000,
      cpuSystemMs: cpu.system / 1000,
      rssOctets: process.memoryUsage.rss(),
    },
  };
}

function iso(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
