// Reads the XML a service answers with, as strictly as a real voice gateway: what is not
// well-formed is not spoken. Only the verbs Say and Reject are known.

export type Instruction =
  | { readonly verb: 'say'; readonly text: string; readonly voice: string | null }
  | { readonly verb: 'reject' };

/** The answer is not XML that a gateway would act upon. */
export class UnreadableInstructionError extends Error {
  readonly code = 'VOICE_SIMULATOR_INSTRUCTION_UNREADABLE';
}

const PROLOGUE = /^\uFEFF?(?:<\?xml [^?<>]*\?>)?\s*/;
const RESPONSE = /^<Response>\s*([^]*?)\s*<\/Response>\s*$/;
const SAY = /^<Say((?:\s+[A-Za-z]+="[^"<]*")*)\s*>([^<]*)<\/Say>$/;
const VOICE = /\svoice="([^"<]*)"/;
const REJECT = /^<Reject\s*\/>$|^<Reject\s*><\/Reject>$/;
const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));|&/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
// XML 1.0 §2.2: everything outside these ranges is an error, escaped or not.
const ILLEGAL = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** @throws UnreadableInstructionError saying what is wrong. */
export function readInstruction(xml: string): Instruction {
  if (ILLEGAL.test(xml)) throw new UnreadableInstructionError('holds a character that XML 1.0 forbids');
  const [, content] = RESPONSE.exec(xml.replace(PROLOGUE, '')) ?? [];
  if (content === undefined) throw new UnreadableInstructionError('is not one <Response> element');
  if (REJECT.test(content)) return { verb: 'reject' };
  const [, attributes, text] = SAY.exec(content) ?? [];
  if (attributes === undefined || text === undefined) {
    throw new UnreadableInstructionError('<Response> holds neither one well-formed <Say> nor one <Reject>');
  }
  if (text.includes(']]>')) throw new UnreadableInstructionError('text holds an unescaped "]]>"');
  const [, voice] = VOICE.exec(attributes) ?? [];
  return { verb: 'say', text: unescaped(text), voice: voice === undefined ? null : unescaped(voice) };
}

function unescaped(text: string): string {
  // XML 1.0 §2.11: a reader never sees a carriage return that was not escaped.
  return text
    .replace(/\r\n?/g, '\n')
    .replace(REFERENCE, (_, name?: string, decimal?: string, hex?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? '';
      const point = decimal !== undefined ? parseInt(decimal, 10) : parseInt(hex ?? '', 16);
      if (!(point <= 0x10ffff)) throw new UnreadableInstructionError('holds "&" that begins no reference');
      const character = String.fromCodePoint(point);
      if (ILLEGAL.test(character)) throw new UnreadableInstructionError('refers to a forbidden character');
      return character;
    });
}
