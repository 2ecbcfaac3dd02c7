import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ClientSite, PASSWORD, USERNAME } from '../clients/client-site.ts';
import { describeClient, isInstalled, succeeds } from '../clients/program.ts';
import { digestOf, octets } from '../clients/samples.ts';

/**
 * Uploads of clients that do not read from their data connection. Whatever the server sends there stays unread in the client's
 * socket, so that its system answers `close` with a reset and drops what it has not sent.
 */

const SIZES = [0, 100, 64 * 1024, 3_000_000];
const CONTENTS = SIZES.map((sizeBytes) => octets(sizeBytes));
const ROUNDS = 10;

const RUBY = `
require 'net/ftp'
ftp = Net::FTP.new(ENV['FTP_HOST'], port: ENV['FTP_PORT'].to_i, username: ENV['FTP_USER'],
  password: ENV['FTP_PASSWORD'], ssl: { verify_mode: OpenSSL::SSL::VERIFY_NONE })
ARGV.each { |name| ftp.putbinaryfile(name) }
ftp.quit`;

const PERL = `
use Net::FTP;
my $ftp = Net::FTP->new($ENV{FTP_HOST}, Port => $ENV{FTP_PORT}, SSL_verify_mode => 0, Passive => 1) or die $@;
$ftp->starttls && $ftp->login($ENV{FTP_USER}, $ENV{FTP_PASSWORD}) && $ftp->prot('P') && $ftp->binary or die $ftp->message;
for my $name (@ARGV) { $ftp->put($name) or die $ftp->message }
$ftp->quit;`;

/** Makes a full handshake on each data connection and never reads from it afterwards. */
const NEVER_READS = `
import os, socket, ssl, sys
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
context.maximum_version = getattr(ssl.TLSVersion, sys.argv[1])
host = os.environ['FTP_HOST']
control = socket.create_connection((host, int(os.environ['FTP_PORT'])), 20)
replies = control.makefile('rb')
def command(line):
    control.sendall(line.encode() + b'\\r\\n')
    return reply()
def reply():
    while True:
        line = replies.readline().decode()
        if line[3:4] == ' ': return line.strip()
def upload(name):
    port = int(command('EPSV').split('|')[3])
    data = socket.create_connection((host, port), 20)
    command('STOR ' + name)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname='x')
    while True:
        try:
            tls.do_handshake()
            break
        except ssl.SSLWantReadError:
            data.sendall(outgoing.read())
            incoming.write(data.recv(65536))
    data.sendall(outgoing.read())
    content = open(name, 'rb').read()
    while content:
        content = content[tls.write(content):]
        data.sendall(outgoing.read())
    try: tls.unwrap()
    except ssl.SSLWantReadError: pass
    data.sendall(outgoing.read())
    data.close()
    return reply()
reply()
command('AUTH TLS')
control = context.wrap_socket(control, server_hostname='x')
replies = control.makefile('rb')
for line in ['USER ' + os.environ['FTP_USER'], 'PASS ' + os.environ['FTP_PASSWORD'], 'PBSZ 0', 'PROT P', 'TYPE I']: command(line)
for name in sys.argv[2:]:
    said = upload(name)
    if not said.startswith('226'): sys.exit(name + ': ' + said)
`;

describe.each(['off', 'prefer'] as const)('under --tls-session-reuse %s', (tlsSessionReuse) => {
  let site: ClientSite;
  let names: string[];

  beforeAll(async () => {
    site = await ClientSite.open({ settings: { tls: 'optional', tlsSessionReuse } });
    names = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, content] of CONTENTS.entries()) {
        const name = `r${round}-${index}.bin`;
        await site.writeLocal(name, content);
        names.push(name);
      }
    }
  });
  afterAll(() => site.close());

  const environment = () => ({
    ...site.environment,
    FTP_HOST: site.host,
    FTP_PORT: String(site.port),
    FTP_USER: USERNAME,
    FTP_PASSWORD: PASSWORD,
  });

  async function expectAll(command: string, args: readonly string[]): Promise<void> {
    for (const name of names) await site.seed(name, 'to be replaced');
    await site.run(command, args, { ...site.programOptions, env: environment() });
    for (const name of names) {
      const [, index] = /-(\d)/.exec(name) ?? [];
      expect([name, await site.homeDigest(name)]).toEqual([
        name,
        digestOf(CONTENTS[Number(index)] ?? Buffer.alloc(0)),
      ]);
    }
  }

  describeClient('a client that never reads', succeeds('python3', ['-c', 'import ssl']), () => {
    test.each(['TLSv1_2', 'TLSv1_3'])('loses nothing with %s', async (version) => {
      await expectAll('python3', ['-c', NEVER_READS, version, ...names]);
    });
  });

  describeClient("Ruby's Net::FTP", succeeds('ruby', ['-rnet/ftp', '-ropenssl', '-e', '']), () => {
    test('loses nothing', () => expectAll('ruby', ['-e', RUBY, '--', ...names]));
  });

  const hasPerl = succeeds('perl', ['-MNet::FTP', '-MIO::Socket::SSL=2.007', '-e', '']);
  describeClient("Perl's Net::FTP", hasPerl, () => {
    test('loses nothing', () => expectAll('perl', ['-e', PERL, ...names]));
  });

  describeClient('curl', isInstalled('curl'), () => {
    test.each([
      ['one after another', []],
      ['side by side', ['--parallel']],
    ])('loses nothing %s', async (_, options) => {
      await expectAll('curl', [
        ...['-q', '--silent', '--show-error', '--insecure', '--ssl-reqd', '--max-time', '60'],
        ...[...options, '-u', `${USERNAME}:${PASSWORD}`, '-T', `{${names.join(',')}}`],
        `ftp://${site.host}:${site.port}/`,
      ]);
    });
  });

  describeClient('rclone', isInstalled('rclone'), () => {
    test.each(['4', '16'])('loses nothing in %s transfers at a time', async (transfers) => {
      const pass = (await site.run('rclone', ['obscure', PASSWORD])).stdout.trim();
      const remote = `:ftp,host=${site.host},port=${site.port},user=${USERNAME},pass=${pass},explicit_tls=true,no_check_certificate=true:`;
      await expectAll('rclone', [
        ...['--config', '/dev/null', '--retries', '1', '--low-level-retries', '1'],
        ...['--transfers', transfers, '--ignore-times', '--include', '*.bin', 'copy', '.', remote],
      ]);
    });
  });
});
