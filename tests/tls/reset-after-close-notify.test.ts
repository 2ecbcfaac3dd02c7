import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ClientSite, PASSWORD, USERNAME } from '../clients/client-site.ts';
import { describeClient, succeeds } from '../clients/program.ts';

/**
 * Uploads whose client sends its octets and close_notify, and then resets the data connection: what it has sent is authentic
 * and complete, so it is no loss.
 */

const UPLOADS = 50;
const CONTENT = '0123456789';

/** Sends handshake, octets and close_notify as far as possible together, and a reset behind them. */
const RESETS = `
import os, socket, ssl, struct, sys
version, first, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)
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
    data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    if first != '': command(first)
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
    tls.write(b'${CONTENT}'[int(first[4:] or 0):])
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
print('\\n'.join(upload('file%d' % number) for number in range(count)))
`;

describe.each(['off', 'prefer'] as const)('under --tls-session-reuse %s', (tlsSessionReuse) => {
  let site: ClientSite;

  beforeAll(async () => {
    site = await ClientSite.open({ settings: { tls: 'optional', tlsSessionReuse } });
  });
  afterAll(() => site.close());

  describeClient('a reset behind close_notify', succeeds('python3', ['-c', 'import ssl']), () => {
    test.each([
      { version: 'TLSv1_2', first: '' },
      { version: 'TLSv1_3', first: '' },
      { version: 'TLSv1_2', first: 'REST 4' },
      { version: 'TLSv1_3', first: 'REST 4' },
    ])('is no loss: $version $first', async ({ version, first }) => {
      const names = Array.from({ length: UPLOADS }, (_, number) => `file${number}`);
      for (const name of names) await site.seed(name, '0123 to be replaced');
      const env = {
        ...site.environment,
        FTP_HOST: site.host,
        FTP_PORT: String(site.port),
        FTP_USER: USERNAME,
        FTP_PASSWORD: PASSWORD,
      };
      const { stdout } = await site.run(
        'python3',
        ['-c', RESETS, version, first, String(UPLOADS)],
        { ...site.programOptions, env },
      );
      const codes = stdout
        .trim()
        .split('\n')
        .map((line) => line.slice(0, 3));
      expect(codes).toEqual(names.map(() => '226'));
      for (const name of names) expect(await site.homeText(name)).toBe(CONTENT);
    });
  });
});
