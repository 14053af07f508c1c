// C-octet strings hold ASCII, and a NUL ends them (SMPP 3.4 §3.1).
export function isAsciiText(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0 || code > 0x7f) return false;
  }
  return true;
}
