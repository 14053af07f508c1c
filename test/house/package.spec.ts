// package.json, the lock file and the scripts: what a fresh clone depends on before any code runs.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const json = (name: string): unknown => JSON.parse(readFileSync(join(root, name), 'utf8'));

const { scripts, dependencies, devDependencies, allowScripts } = json('package.json') as Readonly<
  Record<'scripts' | 'dependencies' | 'devDependencies', Readonly<Record<string, string>>>
> & { readonly allowScripts: Readonly<Record<string, boolean>> };
const { packages } = json('package-lock.json') as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

const nameOf = (path: string): string =>
  path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

describe('package.json', () => {
  it('pins every dependency to one version', () => {
    const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d/.test(version),
    );

    expect(ranges).toEqual([]);
  });

  it('says of every package with an install script whether it may run, and of no other', () => {
    const withScript = new Set(
      Object.entries(packages)
        .filter(([, { hasInstallScript }]) => hasInstallScript === true)
        .map(([path]) => nameOf(path)),
    );

    expect(new Set(Object.keys(allowScripts))).toEqual(withScript);
  });

  const fromDist = Object.entries(scripts).flatMap(([name, command]) => {
    const built = /^node (dist\/\S+)\.js/.exec(command)?.[1];
    return built === undefined ? [] : [{ name, source: `${built.replace('dist/', '')}.ts` }];
  });

  it.each(fromDist)('has the program that `npm run $name` starts ($source)', ({ source }) => {
    expect(existsSync(join(root, source))).toBe(true);
  });

  it('installs and builds in front of every script that runs from dist', () => {
    const unprepared = fromDist
      .map(({ name }) => name)
      .filter((name) => scripts[`pre${name}`] !== 'node src/boot/prestart.mjs');

    // An image has no sources to build from.
    expect(unprepared).toEqual(['start:prod']);
  });

  it.each(['test', 'check', 'start'])(
    'installs in front of `npm run %s`, the first command after a clone',
    (name) => {
      expect(scripts[`pre${name}`]).toMatch(/^node src\/boot\/prestart\.mjs/);
    },
  );

  it('names only scripts that exist where one script runs another', () => {
    const called = Object.values(scripts).flatMap((command) =>
      [...command.matchAll(/npm (?:run (?:--silent )?)?([a-z][a-z:-]*)/g)].map(([, name]) => name),
    );

    expect(called.length).toBeGreaterThan(5);
    expect(called.filter((name) => name !== undefined && scripts[name] === undefined)).toEqual([]);
  });
});

describe('package-lock.json', () => {
  it('lists the packages of every platform, also those this machine does not install', () => {
    // npm ci refuses a lock file without them ("Missing: … from lock file"), on any platform.
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      ),
    );

    expect(missing).toEqual([]);
  });

  it('names no download address, so that every registry and mirror can serve it', () => {
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});
