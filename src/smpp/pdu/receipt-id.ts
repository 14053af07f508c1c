// The SMSC's id of a message in one form, whichever base each side writes it in: some SMSCs answer
// submit_sm in hex and write the receipt in decimal, or the reverse (Kannel's msg-id-type, Jasmin's
// dlr_msgid). Ids have up to 64 characters: never a JavaScript number, which rounds beyond 2^53.

/** raw: kept as it came. hex, decimal: read in that base, leading zeros stripped, letters folded. */
export type IdBase = 'raw' | 'hex' | 'decimal';

const READABLE = { hex: /^(?:0[xX])?[0-9a-fA-F]+$/, decimal: /^[0-9]+$/ } as const;

/** Both bases come to the same decimal text; what is no number in its base is folded and stripped alone. */
export function normaliseId(base: IdBase, id: string): string {
  if (base === 'raw' || id === '') return id;
  if (!READABLE[base].test(id)) return id.toLowerCase().replace(/^0+(?=.)/, '');
  if (base === 'decimal') return id.replace(/^0+(?=.)/, '');
  return BigInt(/^0[xX]/.test(id) ? id : `0x${id}`).toString();
}
