// The XML that tells Africa's Talking what to do with a call. Africa's Talking's own builder does
// not escape the text, and a text with "&" in it then says nothing at all.

export const XML_CONTENT_TYPE = 'application/xml; charset=utf-8';

const PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>';

// XML 1.0 §2.2 allows no control character but tab, line feed and carriage return, and neither
// lone surrogates nor U+FFFE and U+FFFF, not even escaped. DEL and the C1 controls are allowed
// but mean nothing to a voice.
const UNSPEAKABLE = /(?![\t\n])\p{Cc}|\p{Cs}|\uFFFE|\uFFFF/gu;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** The text as it can be spoken: line ends as line feeds, no control characters. */
export function speakable(text: string): string {
  // An XML reader would turn every carriage return into a line feed anyway (XML 1.0 §2.11).
  return text.replace(/\r\n?/g, '\n').replace(UNSPEAKABLE, '');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** @param voice Africa's Talking's name of a voice; null: the account's default */
export function sayXml(text: string, voice: string | null): string {
  const attributes = voice === null ? '' : ` voice="${escaped(speakable(voice))}"`;
  return `${PROLOGUE}<Response><Say${attributes}>${escaped(speakable(text))}</Say></Response>`;
}

export function rejectXml(): string {
  return `${PROLOGUE}<Response><Reject/></Response>`;
}
