import { Keyring } from '../keyring.ts';
import { SITE } from './example-site.ts';

// Stores a password in the system's keyring, and prints its content before, then and afterwards.

const keyring = new Keyring();
const before = (await keyring.read(SITE)) ?? null;
const isWritten = await keyring.write(SITE, 'correct horse');
const kept = (await keyring.read(SITE)) ?? null;
await keyring.remove(SITE);
const afterwards = (await keyring.read(SITE)) ?? null;
process.stdout.write(`${JSON.stringify({ before, isWritten, kept, afterwards })}\n`);
