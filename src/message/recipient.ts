// Whether two ways of writing a phone number can mean the same phone. An SMSC writes the number in its
// own form: with or without +, with 00, with its trunk digit, without the country.

/** A guess: the shortest subscriber numbers of large countries have seven digits. */
const COMPARED_DIGITS = 7;

const NUMBER = /^\+?[\d ().-]+$/;

/** The digits by which a number is compared; empty when what stands there is no (whole) number. */
export function recipientTail(written: string): string {
  if (!NUMBER.test(written)) return '';
  const digits = written.replace(/\D/g, '');
  return digits.length < COMPARED_DIGITS ? '' : digits.slice(-COMPARED_DIGITS);
}

/** False only when both are numbers and end differently. */
export function mayBeSameRecipient(tail: string, otherTail: string): boolean {
  return tail === '' || otherTail === '' || tail === otherTail;
}
