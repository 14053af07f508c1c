// Keeps telephone numbers out of evidence: events hold them only under `personal`.

// Seven digits or more, however they are grouped: shorter runs are durations, statuses, amounts.
const NUMBER = /\+?\d(?:[\s().-]?\d){6,}/g;

export function withoutNumbers(text: string): string {
  return text.replace(NUMBER, '***');
}
