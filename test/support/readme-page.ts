// The README as a program reads it: its commands, the output it shows below them, its tables.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface CommandBlock {
  /** The heading it stands under. */
  readonly heading: string;
  /** One or several lines of shell. */
  readonly command: string;
  /** What the next block shows as its output; null when none follows. */
  readonly shown: string | null;
}

const FENCED = /^(?:## (?<heading>.+)|```(?<language>\w+)\n(?<content>[\s\S]*?)\n```)$/gm;

export class ReadmePage {
  readonly blocks: readonly CommandBlock[];

  constructor(
    readonly text = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8'),
  ) {
    this.blocks = blocksOf(text);
  }

  under(heading: string): readonly CommandBlock[] {
    const found = this.blocks.filter((block) => block.heading === heading);
    if (found.length === 0) throw new Error(`the README has no command under "${heading}"`);
    return found;
  }

  /** Rows of the table whose header begins so: the cells, without the header. */
  table(firstHeader: string): readonly (readonly string[])[] {
    const lines = this.text.split('\n');
    const header = lines.findIndex((line) => line.startsWith(`| ${firstHeader} `));
    if (header === -1) throw new Error(`the README has no table that begins with ${firstHeader}`);
    const rows = lines.slice(header + 2);
    const end = rows.findIndex((line) => !line.startsWith('|'));
    return rows.slice(0, end).map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
}

function blocksOf(text: string): CommandBlock[] {
  const blocks: CommandBlock[] = [];
  let heading = '';
  let awaitsOutput = false;
  for (const { groups = {} } of text.matchAll(FENCED)) {
    if (groups['heading'] !== undefined) {
      heading = groups['heading'];
      awaitsOutput = false;
      continue;
    }
    const content = groups['content'] ?? '';
    const last = blocks.at(-1);
    if (groups['language'] === 'sh') blocks.push({ heading, command: content, shown: null });
    else if (awaitsOutput && last !== undefined) blocks[blocks.length - 1] = { ...last, shown: content };
    awaitsOutput = groups['language'] === 'sh';
  }
  return blocks;
}

const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<instant>'],
  [/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>'],
  [/port \d+/g, 'port <port>'],
  // Ids of the SMSC simulator, and the minutes of its receipts.
  [/id:\d+/g, 'id:<id>'],
  [/date:\d{10}/g, 'date:<minute>'],
  [/\s+/g, ' '],
];

/** What stays the same from run to run. */
function lasting(text: string): string {
  const withoutOrder = text.replace(/\{("[\w-]+":\d+,?)+\}/g, (counts) => {
    // Counts by name have no order.
    return `{${counts.slice(1, -1).split(',').sort().join(',')}}`;
  });
  return CHANGING.reduce((lines, [pattern, sign]) => lines.replace(pattern, sign), withoutOrder.trim());
}

/** Whether `output` is what the README shows: ids, instants and ports aside, and whatever stands where it has "…". */
export function looksLike(output: string, shown: string): boolean {
  const found = lasting(output);
  const pieces = lasting(shown).split('…');
  const first = pieces.shift() ?? '';
  if (pieces.length === 0) return found === first;
  const last = pieces.pop() ?? '';
  if (!found.startsWith(first) || !found.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces) {
    const next = found.indexOf(piece, at);
    if (next === -1) return false;
    at = next + piece.length;
  }
  return at <= found.length - last.length;
}
