import { describe, expect, test } from '@jest/globals';
import { chooseAccount, mayReach, parsePasswd } from './cluster-account.js';

const ROOT = 'root:x:0:0:root:/root:/bin/bash';
const NOBODY = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin';
const POSTGRES = 'postgres:x:101:103::/var/lib/postgresql:/bin/bash';
const DAEMON = 'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin';

describe('the account of a cluster that root starts', () => {
  test.each([
    ['postgres where it exists', [ROOT, DAEMON, NOBODY, POSTGRES], { name: 'postgres', uid: 101, gid: 103 }],
    ['nobody without it', [ROOT, DAEMON, NOBODY], { name: 'nobody', uid: 65534, gid: 65534 }],
    ['any other in need', [ROOT, DAEMON], { name: 'daemon', uid: 1, gid: 1 }],
    ['none where there is only root', [ROOT], undefined],
    ['none without /etc/passwd', [''], undefined],
  ])('is %s', (_, lines, account) => {
    expect(chooseAccount(parsePasswd(lines.join('\n')))).toEqual(account);
  });

  test('is read past comments, and with the negative numbers of macOS', () => {
    const text = '# comment\nnobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false\n';
    expect(parsePasswd(text)).toEqual([{ name: 'nobody', uid: 4294967294, gid: 4294967294 }]);
  });

  test('reaches the root folder but nothing that does not exist', async () => {
    const account = { name: 'nobody', uid: 65534, gid: 65534 };
    expect(await mayReach(account, '/', 'enter')).toBe(true);
    expect(await mayReach(account, '/no/such/folder', 'enter')).toBe(false);
    expect(await mayReach(undefined, '/no/such/folder', 'enter')).toBe(true);
  });
});
