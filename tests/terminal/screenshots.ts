/**
 * Draws the pictures of the README: drives the client against a server of its own and writes what its terminal
 * shows. `npm run screenshots`.
 */
import { mkdir, mkdtemp, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureSelfSigned } from '../../server/tls/self-signed.ts';
import { ClientJourney, PASSWORD, USERNAME } from './client-journey.ts';
import type { Terminal } from './terminal.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

const PICTURES = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
const SIZE = { columns: 100, rows: 28 };

/** Large enough that a picture can be taken while they are on their way. */
const BIG_FILES = { 'video-0412.mp4': 700, 'backup.tar.gz': 600, 'photos.zip': 500 } as const;
const TOO_LARGE = 'disk-image.img';
/** Is gone when it is to be sent. */
const REMOVED = 'draft.md';

/** Times that a transfer is waited for. */
const MAX_WAITS = 8;

const NOW_MS = Date.now();

const page = `# Site of the chess club

Members find the games of the last season under *archive*.
Pictures of the summer tournament: 写真.zip

| round | white    | black    | result |
| ----- | -------- | -------- | ------ |
| 1     | Oparin   | Zvjagina | 1-0    |
| 2     | Zvjagina | Muñoz    | ½-½    |
`;

const certificates = await mkdtemp(join(tmpdir(), 'myftp-certificate-'));
const certificate = await ensureSelfSigned({
  directory: certificates,
  names: ['ftp.example.org', '127.0.0.1'],
  now: Date.now,
});
const journey = await ClientJourney.begin({
  home: join(tmpdir(), USERNAME),
  settings: {
    tls: 'optional',
    tlsCert: certificate.certFile,
    tlsKey: certificate.keyFile,
    port: 2121,
    quotaBytes: 4 * GIB,
    keepDeletedMs: 7 * 24 * 3_600_000,
  },
});
try {
  await mkdir(PICTURES, { recursive: true });
  await furnish();
  await showSignUp();
  await showJourney();
} finally {
  await journey.end();
  await rm(certificates, { recursive: true, force: true });
}

/** The directories of both sides, with dates that look lived in. */
async function furnish(): Promise<void> {
  const remote = await journey.remoteHome;
  const { localPath } = journey;
  await Promise.all([
    ...['assets', 'archive'].flatMap((name) => [
      mkdir(join(localPath, name)),
      mkdir(join(remote, name)),
    ]),
    file(join(localPath, 'index.html'), 12_412, 2),
    file(join(remote, 'index.html'), 11_020, 40),
    file(join(localPath, 'styles.css'), 4_310, 12),
    file(join(remote, 'styles.css'), 4_310, 12),
    file(join(localPath, REMOVED), 2_048, 1),
    file(join(localPath, '写真 📷.zip'), 3 * MIB, 30),
    file(join(remote, 'robots.txt'), 310, 400),
    ...Object.entries(BIG_FILES).map(([name, mib]) => file(join(localPath, name), mib * MIB, 5)),
    file(join(localPath, TOO_LARGE), 9 * GIB, 90),
  ]);
  await writeFile(join(localPath, 'README.md'), page);
  await journey.writeBookmarks(
    [
      bookmark('work', { host: '127.0.0.1', port: 2121, username: USERNAME }),
      bookmark('club', { host: 'ftp.example.org', port: 21, username: 'chess' }),
      bookmark('nas', { host: '192.168.1.20', port: 2121, username: 'backup' }),
    ].join('\n'),
  );
}

async function file(path: string, sizeBytes: number, ageDays: number): Promise<void> {
  await writeFile(path, '');
  await truncate(path, sizeBytes);
  const modified = NOW_MS / 1000 - ageDays * 24 * 3600;
  await utimes(path, modified, modified);
}

function bookmark(
  name: string,
  { host, port, username }: { host: string; port: number; username: string },
): string {
  return `[${name}]\nhost = "${host}"\nport = ${port}\nusername = "${username}"\n`;
}

/** Sites, and the form for a new account. */
async function showSignUp(): Promise<void> {
  const terminal = journey.start({ ...SIZE, args: [] });
  await terminal.until('ftp.example.org');
  await picture(terminal, 'login', 'Sites and the form to connect');
  terminal.press('down', 'down');
  terminal.type('e');
  await terminal.until('2121');
  terminal.press('shift-tab', 'shift-tab', 'enter');
  await terminal.until('New account');
  for (const _ of ['password', 'again']) {
    terminal.type('battery staple');
    terminal.press('tab');
  }
  await picture(terminal, 'sign-up', 'A new account');
  await journey.endTerminals();
}

async function showJourney(): Promise<void> {
  const terminal = journey.start({ ...SIZE, args: ['work'] });
  await terminal.until('SHA-256');
  await picture(terminal, 'certificate', 'A certificate that nobody vouches for');
  terminal.type('t');
  await terminal.until(`Password of ${USERNAME}`);
  terminal.type(`${PASSWORD}\r`);
  await terminal.until('robots.txt');
  terminal.press('tab');
  await showViewer(terminal);
  await showConflict(terminal);
  await showTransfers(terminal);
  await showFailures(terminal);
  await showTrash(terminal);
  terminal.press('f1');
  await terminal.until('Type to filter');
  terminal.type('mark');
  await picture(terminal, 'help', 'The help, which finds and runs actions');
}

async function showViewer(terminal: Terminal): Promise<void> {
  await stand(terminal, 'README.md');
  terminal.press('f3');
  await terminal.until('chess club');
  await picture(terminal, 'viewer', 'A file in the viewer');
  terminal.press('f3');
  await terminal.until('5Copy');
}

async function showConflict(terminal: Terminal): Promise<void> {
  await stand(terminal, 'styles.css');
  terminal.press('f5');
  await terminal.until('probably the same file');
  terminal.type('c');
  await terminal.until('equal: the files are identical');
  await picture(terminal, 'conflict', 'A file that exists at the target');
  terminal.type('s');
  await terminal.until((text) => !text.includes('exists in'));
}

async function showTransfers(terminal: Terminal): Promise<void> {
  await stand(terminal, TOO_LARGE);
  terminal.press('f5');
  await terminal.until('Not enough space');
  await picture(terminal, 'fit', 'A file that does not fit into the quota');
  terminal.press('escape');
  await terminal.until((text) => !text.includes('Not enough space'));
  for (const name of Object.keys(BIG_FILES)) {
    await stand(terminal, name);
    terminal.press('insert');
  }
  terminal.press('f5');
  await terminal.until(/[1-9]\d %.*\n.*[1-9]\d %/);
  await picture(terminal, 'panes', 'Two panes, with transfers under way');
  terminal.press('f9');
  await terminal.until('Space pause');
  for (const _ of ['backup', 'photos', 'video']) terminal.press('down');
  terminal.type(' ');
  await terminal.until(/‖ ↑ video/);
  await untilSent(terminal, 'photos');
  await picture(terminal, 'queue', 'The queue of transfers');
  terminal.press('f9');
  await terminal.until('5Copy');
}

/** One file that is gone, and one for which there is no room. */
async function showFailures(terminal: Terminal): Promise<void> {
  await rm(join(journey.localPath, REMOVED));
  await stand(terminal, REMOVED);
  terminal.press('f5', 'f9');
  await terminal.until('Failed 1 ');
  terminal.press('f9');
  await terminal.until('5Copy');
  await stand(terminal, TOO_LARGE);
  terminal.press('f5');
  await terminal.until('Not enough space');
  terminal.type('u');
  await terminal.until('Uploads paused');
  terminal.press('f9');
  await terminal.until('Failed 2 ');
  terminal.type('ff!');
  await terminal.until('[Failed 2]');
  await picture(terminal, 'queue-failed', 'The failed transfers');
  terminal.press('f9');
  await terminal.until('5Copy');
}

async function showTrash(terminal: Terminal): Promise<void> {
  const client = await journey.server.login(USERNAME);
  await client.store('STOR minutes-2026-10.md', 'x'.repeat(8_120));
  await client.store('STOR minutes-2026-10.md', 'x'.repeat(310));
  await client.command('MKD drafts');
  for (const [name, bytes] of [
    ['drafts/flyer.pdf', 214_000],
    ['games-2024.pgn', 98_400],
  ] as const) {
    await client.store(`STOR ${name}`, 'x'.repeat(bytes));
    await client.command(`DELE ${name}`);
  }
  await client.close();
  terminal.type('u');
  await terminal.until('games-2024.pgn');
  await picture(terminal, 'trash', 'Deleted and replaced files that can be restored');
  terminal.press('escape');
  await terminal.until('5Copy');
}

/** A slow machine needs more patience than a test has. */
async function untilSent(terminal: Terminal, name: string): Promise<void> {
  const isSent = (text: string) => text.includes(`✓ ↑ ${name}`);
  for (let tries = 1; !isSent(terminal.text()); tries++) {
    await terminal.until(isSent).catch((error: unknown) => {
      if (tries === MAX_WAITS) throw error;
    });
  }
}

/** Moves the cursor of the local pane to a name. */
async function stand(terminal: Terminal, name: string): Promise<void> {
  terminal.type('/');
  terminal.type(name);
  await terminal.until((text) => text.includes(`/${name}`));
  terminal.press('enter');
  terminal.type('/');
  terminal.press('escape');
  await terminal.until((text) => !text.includes(`/${name}`));
}

async function picture(terminal: Terminal, name: string, title: string): Promise<void> {
  await terminal.still();
  await writeFile(join(PICTURES, `${name}.svg`), terminal.svg(title));
  process.stdout.write(`${name}.svg\n${terminal.text()}\n`);
}
