// validity_period of a submit_sm: until when the SMSC may try (SMPP 3.4 §5.2.16, §7.1.1).
export type ValidityPeriodForm = 'none' | 'relative' | 'absolute';

const SECOND_MS = 1000;
/** A relative month counts as the longest one: the SMSC must not try for longer than was asked. */
const DAYS_OF_MONTH = 31;

/**
 * @param validUntil ISO 8601 UTC.
 * @param nowMs milliseconds since the epoch, when the submit_sm leaves; counts for `relative` alone.
 */
export function validityPeriod(form: ValidityPeriodForm, validUntil: string, nowMs: number): string {
  if (form === 'none') return '';
  return form === 'absolute' ? absolute(validUntil) : relative(Date.parse(validUntil) - nowMs);
}

/** YYMMDDhhmmsstnnp in UTC: no tenths, no quarter hours ahead of it. */
function absolute(validUntil: string): string {
  const digits = new Date(Date.parse(validUntil)).toISOString().slice(2, 19).replace(/\D/g, '');
  return `${digits}000+`;
}

/** YYMMDDhhmmss000R, rounded down; at least one second, because nothing at all asks for the default. */
function relative(leftMs: number): string {
  let seconds = Math.max(1, Math.floor(leftMs / SECOND_MS));
  const take = (size: number): number => {
    const whole = Math.floor(seconds / size);
    seconds -= whole * size;
    return whole;
  };
  const days = take(86_400);
  const months = Math.floor(days / DAYS_OF_MONTH);
  const fields = [0, months, days % DAYS_OF_MONTH, take(3600), take(60), seconds];
  return `${fields.map((field) => String(field).padStart(2, '0')).join('')}000R`;
}
