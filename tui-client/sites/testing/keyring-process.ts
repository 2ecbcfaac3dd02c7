import { Keyring } from '../keyring.ts';
import type { Site } from '../site.ts';

// Keeps a password in the system's keyring, and tells what it finds there before, then and afterwards.

const SITE: Site = {
  id: 'work',
  name: 'work',
  host: 'ftp.example.org',
  port: 21,
  tls: 'explicit',
  username: 'anna',
  remotePath: undefined,
  localPath: undefined,
};

const keyring = new Keyring();
const before = (await keyring.read(SITE)) ?? null;
const isWritten = await keyring.write(SITE, 'correct horse');
const kept = (await keyring.read(SITE)) ?? null;
await keyring.remove(SITE);
const afterwards = (await keyring.read(SITE)) ?? null;
process.stdout.write(`${JSON.stringify({ before, isWritten, kept, afterwards })}\n`);
