import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from '@jest/globals';
import type { DebianMachine } from './debian-machine.ts';

const CONTENT = 'Octets that went through a package.\n';

/** Uploads a file with lftp over TLS, lists it, and reads it back. */
export async function uploadWithLftp(machine: DebianMachine, port: number): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'myftp-lftp-'));
  const file = path.join(directory, 'sample.txt');
  await writeFile(file, CONTENT);
  const commands = [
    'set xfer:log no',
    'set ssl:verify-certificate no',
    'set ftp:ssl-force yes',
    'set net:max-retries 1',
    'set net:timeout 10',
    `put ${file}`,
    'cls -s sample.txt',
    'cat sample.txt',
    'bye',
  ];
  const url = `ftp://127.0.0.1:${port}`;
  const { code, stdout, stderr } = await machine.runOutside('lftp', [
    '--norc',
    '-u',
    'anna,correct horse',
    '-e',
    commands.join('; '),
    url,
  ]);
  await rm(directory, { recursive: true });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('1 sample.txt');
  expect(stdout).toContain(CONTENT);
}
