// The SMSC's dates as instants. They are digits in its own local time (SMPP 3.4 Appendix B: YYMMDDhhmm),
// so without its time zone they say nothing; the absolute form of §7.1.1 alone carries its offset.

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Offsets change at full quarter hours at the finest, so one look per quarter hour of local time is enough. */
const QUARTER_MS = 15 * MINUTE_MS;

/** Receipts are about the last days; a thousand quarter hours are ten of them. */
const REMEMBERED_QUARTERS = 1_000;

const FIXED_OFFSET = /^([+-])(\d{2}):?(\d{2})$/;

/** Milliseconds that local time is ahead of UTC at a local time. */
type OffsetAtLocal = (localMs: number) => number;

export class SmscTime {
  private readonly offsetAt: OffsetAtLocal | null;

  /**
   * @param zone IANA name, `UTC`, or a fixed offset as +02:00; null: unknown
   * @param centuryPivot two-digit years from here on are of the 1900s (Appendix C: 38)
   * @throws RangeError for a zone that this Node does not know
   */
  constructor(
    zone: string | null,
    private readonly centuryPivot: number,
  ) {
    this.offsetAt = zone === null ? null : offsetsOf(zone);
  }

  /** ISO 8601 UTC; null for what is no date, or one whose zone is unknown. */
  instantOf(written: string): string | null {
    const absolute = /^(\d{12})(\d)(\d{2})([+-])$/.exec(written); // tenths, quarter hours, sign
    if (absolute !== null) {
      const [, local = '', tenths = '', quarters = '', sign] = absolute;
      const localMs = this.localMs(local);
      if (localMs === null) return null;
      const offsetMs = Number(quarters) * QUARTER_MS * (sign === '-' ? -1 : 1);
      return new Date(localMs + Number(tenths) * 100 - offsetMs).toISOString();
    }
    if (this.offsetAt === null) return null;
    const localMs = this.localMs(written.replace(/[-/:.T ]/g, ''));
    return localMs === null ? null : new Date(localMs - this.offsetAt(localMs)).toISOString();
  }

  /** Ten digits YYMMDDhhmm, twelve with ss or with a full year, fourteen with both; whatever stands between. */
  private localMs(digits: string): number | null {
    if (!/^\d+$/.test(digits)) return null;
    switch (digits.length) {
      case 10:
      case 12:
        // 202611210140 is no YYMMDDhhmmss: there is no month 26.
        return (
          calendarMs(this.fullYear(digits.slice(0, 2)), digits.slice(2)) ??
          (digits.length === 12 ? calendarMs(Number(digits.slice(0, 4)), digits.slice(4)) : null)
        );
      case 14:
        return calendarMs(Number(digits.slice(0, 4)), digits.slice(4));
      default:
        return null;
    }
  }

  private fullYear(twoDigits: string): number {
    const year = Number(twoDigits);
    return year >= this.centuryPivot ? 1900 + year : 2000 + year;
  }
}

/** `rest` is MMDDhhmm[ss]; null when no calendar has that moment. */
function calendarMs(year: number, rest: string): number | null {
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = (rest.match(/\d\d/g) ?? []).map(Number);
  if (hour > 23 || minute > 59 || second > 59) return null;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(ms);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? ms : null;
}

function offsetsOf(zone: string): OffsetAtLocal {
  const fixed = FIXED_OFFSET.exec(zone);
  if (fixed !== null) {
    const [, sign, hours, minutes] = fixed;
    const ms = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS * (sign === '-' ? -1 : 1);
    return () => ms;
  }
  return remembered(namedOffsets(zone));
}

/** Asking Intl takes microseconds; a receipt takes about one altogether. */
function remembered(offsetAt: OffsetAtLocal): OffsetAtLocal {
  const known = new Map<number, number>();
  return (localMs) => {
    const quarter = Math.floor(localMs / QUARTER_MS);
    const remembered = known.get(quarter);
    if (remembered !== undefined) return remembered;
    if (known.size >= REMEMBERED_QUARTERS) known.clear();
    const offset = offsetAt(localMs);
    known.set(quarter, offset);
    return offset;
  };
}

/** An hour that comes twice is taken as its first; one that is left out as if the clock had not moved yet. */
function namedOffsets(zone: string): OffsetAtLocal {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const offsetOf = (utcMs: number): number => {
    const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of format.formatToParts(utcMs)) part[type] = Number(value);
    const { year = 0, month = 1, day, hour, minute, second } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - utcMs;
  };
  return (localMs) => {
    const before = offsetOf(localMs - DAY_MS);
    const after = offsetOf(localMs + DAY_MS);
    if (before === after || offsetOf(localMs - before) === before) return before;
    return offsetOf(localMs - after) === after ? after : before;
  };
}
