import { chmodSync, closeSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accessAclOf, defaultAclOf, setAccessAcl, setDefaultAcl } from '../system/posix-acl.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

/** An ACL as the system stores it, of tags, rights and ids. */
function acl(...entries: readonly (readonly [tag: number, rights: number, id?: number])[]): Buffer {
  const octets = Buffer.alloc(4 + 8 * entries.length);
  octets.writeUInt32LE(2);
  for (const [index, [tag, rights, id = 0xffff_ffff]] of entries.entries()) {
    octets.writeUInt16LE(tag, 4 + 8 * index);
    octets.writeUInt16LE(rights, 6 + 8 * index);
    octets.writeUInt32LE(id, 8 + 8 * index);
  }
  return octets;
}

const [OWNER, USER, GROUP, MASK, OTHERS] = [0x01, 0x02, 0x04, 0x10, 0x20];
const WEB_SERVER = 33;

/** `setfacl -d -m u:33:rwx,o::-`. */
const DEFAULT_ACL = acl([OWNER, 7], [USER, 7, WEB_SERVER], [GROUP, 5], [MASK, 7], [OTHERS, 0]);

let server: TestServer;
let home: string;
let client: ControlClient;

beforeAll(async () => {
  server = await TestServer.start();
  client = await server.signUp();
  home = join(server.rootDir, 'anna');
  setAcl(home, DEFAULT_ACL, setDefaultAcl);
});
afterAll(() => server.dispose());

function setAcl(path: string, value: Buffer, set: typeof setAccessAcl): void {
  const descriptor = openSync(path, 'r');
  set(descriptor, value);
  closeSync(descriptor);
}

/** What a name has, for comparison with what the system gives to another one. */
function rightsOf(name: string) {
  const path = join(home, name);
  const stats = statSync(path);
  return {
    mode: (stats.mode & 0o7777).toString(8),
    access: accessAclOf(path),
    given: stats.isDirectory() ? defaultAclOf(path) : undefined,
  };
}

describe('in a directory with a default ACL', () => {
  test('an upload has what the system gives to a file that is made in place', async () => {
    writeFileSync(join(home, 'in-place'), '');
    await client.store('STOR uploaded', 'octets');
    await client.store('APPE appended', 'octets');
    const { lines } = await client.store('STOU', 'octets').then(({ opening }) => opening);
    const unique = /FILE: (\S+)/.exec(lines.join(' '))?.[1] ?? '';
    expect(rightsOf('in-place').access).toBeDefined();
    for (const name of ['uploaded', 'appended', unique]) {
      expect(rightsOf(name)).toEqual(rightsOf('in-place'));
    }
  });

  test('a default ACL that only names modes is one', async () => {
    mkdirSync(join(home, 'modes'));
    setAcl(join(home, 'modes'), acl([OWNER, 7], [GROUP, 6], [OTHERS, 1]), setDefaultAcl);
    writeFileSync(join(home, 'modes/in-place'), '');
    await client.store('STOR modes/uploaded', 'octets');
    expect(rightsOf('modes/uploaded')).toEqual(rightsOf('modes/in-place'));
    expect(rightsOf('modes/uploaded').mode).toBe('660');
  });

  test('a file that is replaced keeps its own ACL, or none', async () => {
    const own = acl([OWNER, 6], [USER, 4, 1234], [GROUP, 0], [MASK, 4], [OTHERS, 0]);
    writeFileSync(join(home, 'replaced'), 'before');
    setAcl(join(home, 'replaced'), own, setAccessAcl);
    const before = rightsOf('replaced');
    await client.store('STOR replaced', 'after');
    expect(rightsOf('replaced')).toEqual(before);
    mkdirSync(join(home, 'plain'));
    setAcl(join(home, 'plain'), acl([OWNER, 7], [GROUP, 0], [OTHERS, 0]), setDefaultAcl);
    writeFileSync(join(home, 'plain/a'), 'before');
    chmodSync(join(home, 'plain/a'), 0o644);
    setAcl(join(home, 'plain'), DEFAULT_ACL, setDefaultAcl);
    await client.store('STOR plain/a', 'after');
    expect(rightsOf('plain/a')).toEqual({ mode: '644', access: undefined, given: undefined });
  });

  test('directories inherit, with a mode that is set or without', async () => {
    mkdirSync(join(home, 'in-place-d'));
    await client.command('MKD made');
    expect(rightsOf('made')).toEqual(rightsOf('in-place-d'));
    expect(rightsOf('made').given).toEqual(DEFAULT_ACL);
    await client.command('SITE UMASK 077');
    await client.command('MKD made-700');
    await client.store('STOR stored-600', 'octets');
    await client.command('SITE UMASK 000');
    await client.command('MKD made-777');
    chmodSync(join(home, 'in-place-d'), 0o777);
    expect(rightsOf('made-777')).toEqual(rightsOf('in-place-d'));
    expect(rightsOf('made-700')).toMatchObject({ mode: '700', given: DEFAULT_ACL });
    expect(rightsOf('stored-600')).toMatchObject({ mode: '600', access: expect.any(Buffer) });
  });
});

test('a directory without a default ACL gives none', async () => {
  await client.command('SITE UMASK 022');
  const bare = await server.signUp('otto');
  await bare.store('STOR a', 'octets');
  const path = join(server.rootDir, 'otto/a');
  expect(accessAclOf(path)).toBeUndefined();
});
