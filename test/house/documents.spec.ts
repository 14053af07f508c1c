// The documents speak of files, scripts and rules; these must be there, or the documents mislead.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
const inFolder = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));

const records = inFolder('docs/adr');
const documents = [...inFolder('.'), ...inFolder('docs'), ...records];

interface RuleSet {
  readonly forbidden: readonly { readonly name: string; readonly comment: string }[];
}

describe('the documents', () => {
  it.each(documents)('%s links only to what is there', (path) => {
    const links = [...textOf(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const broken = links.filter((target) => !isLinked(path, target));

    expect(broken).toEqual([]);
  });

  // Records tell what was true when they were written.
  it.each(documents.filter((path) => !records.includes(path)))(
    '%s names only files that are there',
    (path) => {
      const named = [...textOf(path).matchAll(/`((?:src|test|projections|docs|\.config|\.ci)\/[\w./-]+)`/g)];
      const missing = named.map(([, name = '']) => name).filter((name) => !existsSync(join(root, name)));

      expect(missing).toEqual([]);
    },
  );

  it.each(documents)('%s names only scripts that are there', (path) => {
    const { scripts } = JSON.parse(textOf('package.json')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    const named = [...textOf(path).matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g)].map(
      ([, name = '']) => name,
    );

    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('repeat every boundary rule with its sentence', () => {
    const { forbidden } = createRequire(import.meta.url)(
      join(root, '.config/dependency-cruiser.cjs'),
    ) as RuleSet;
    const architecture = textOf('docs/ARCHITECTURE.md');
    const untold = forbidden.filter(
      ({ name, comment }) => !architecture.includes(`\`${name}\``) || !architecture.includes(comment),
    );

    expect(untold.map(({ name }) => name)).toEqual([]);
  });

  it.each(records)(
    '%s is a decision record: number, noun phrase, context, decision, consequences',
    (path) => {
      const headings = [...textOf(path).matchAll(/^#+ .*$/gm)].map(([heading]) => heading);

      expect(headings).toEqual([
        expect.stringMatching(new RegExp(`^# ${path.slice('docs/adr/'.length).slice(0, 4)} \\w`)),
        '## Context',
        '## Decision',
        '## Consequences',
      ]);
    },
  );
});

describe('CHANGELOG.md', () => {
  it('keeps a head for what is not released yet', () => {
    expect(textOf('CHANGELOG.md')).toMatch(/^## \[Unreleased\]$/m);
  });
});

function isLinked(path: string, target: string): boolean {
  if (/^https?:/.test(target)) return true;
  const [file = '', anchor] = target.split('#');
  const linked = file === '' ? path : join(dirname(path), file);
  if (!existsSync(join(root, linked))) return false;
  return anchor === undefined || anchorsOf(linked).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(path: string): string[] {
  return [...textOf(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}
