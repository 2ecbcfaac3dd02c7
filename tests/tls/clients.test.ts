import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client as BasicFtp } from 'basic-ftp';
import { ClientSite, PASSWORD, USERNAME } from '../clients/client-site.ts';
import { describeClient, isInstalled, type ProgramOptions, succeeds } from '../clients/program.ts';
import { digestOf, octets } from '../clients/samples.ts';

const CONTENT = octets(3 * 1024 * 1024);

/** What a journey has at hand. */
interface Journey {
  readonly site: ClientSite;
  readonly implicitPort: number;
}

/** Uploads `up.bin`, lists, and downloads it as `down.bin`; resolves to the listing. */
type Round = (journey: Journey) => Promise<string>;

interface Case {
  readonly name: string;
  /** Of the client's program; undefined for one that is always there. */
  readonly isThere: boolean;
  readonly round: Round;
  /**
   * Whether its data connections resume the session of its control connection. OpenSSL lets its users resume from a ticket of
   * TLS 1.3 once, and data connections give no new one.
   */
  readonly resumes: 'always' | 'once' | 'never';
}

function optionsFor({ site, implicitPort }: Journey): ProgramOptions {
  const env = {
    ...site.environment,
    FTP_HOST: site.host,
    FTP_PORT: String(site.port),
    FTP_IMPLICIT_PORT: String(implicitPort),
    FTP_USER: USERNAME,
    FTP_PASSWORD: PASSWORD,
  };
  return { ...site.programOptions, env };
}

async function said(journey: Journey, command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await journey.site.run(command, args, optionsFor(journey));
  return stdout;
}

function lftp(...settings: readonly string[]): Round {
  return (journey) => {
    const { host, port } = journey.site;
    const script = [
      ...[
        'set cmd:fail-exit yes',
        'set net:max-retries 1',
        'set net:timeout 20',
        'set xfer:clobber yes',
      ],
      ...['set ssl:verify-certificate no', 'set ftp:ssl-force yes', 'set ftp:ssl-protect-data yes'],
      ...settings,
      settings.includes('implicit')
        ? `open -u ${USERNAME},"${PASSWORD}" ftps://${host}:${journey.implicitPort}`
        : `open -u ${USERNAME},"${PASSWORD}" -p ${port} ${host}`,
      ...['put up.bin', 'cls -1', 'get up.bin -o down.bin'],
    ].filter((line) => line !== 'implicit');
    return said(journey, 'lftp', ['--norc', '-c', script.join('\n')]);
  };
}

function curl(scheme: 'ftp' | 'ftps', ...options: readonly string[]): Round {
  return (journey) => {
    const { host, port } = journey.site;
    const at = `${scheme}://${host}:${scheme === 'ftp' ? port : journey.implicitPort}/`;
    const login = ['-u', `${USERNAME}:${PASSWORD}`];
    const common = [
      '-q',
      '--silent',
      '--show-error',
      '--insecure',
      '--ssl-reqd',
      '--max-time',
      '30',
    ];
    const args = [...common, ...options, ...login];
    return said(journey, 'curl', [
      ...[...args, '-T', 'up.bin', at, '--next'],
      ...[...args, '--list-only', at, '--next'],
      ...[...args, '-o', 'down.bin', `${at}up.bin`],
    ]);
  };
}

const PYTHON = `
import ftplib, os, ssl, sys
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
version = getattr(ssl.TLSVersion, sys.argv[1])
context.minimum_version = context.maximum_version = version
class Resuming(ftplib.FTP_TLS):
    def ntransfercmd(self, cmd, rest=None):
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if self._prot_p:
            connection = self.context.wrap_socket(connection, server_hostname=self.host, session=self.sock.session)
        return connection, size
ftp = (Resuming if sys.argv[2] == 'resuming' else ftplib.FTP_TLS)(context=context, timeout=20)
ftp.connect(os.environ['FTP_HOST'], int(os.environ['FTP_PORT']))
ftp.login(os.environ['FTP_USER'], os.environ['FTP_PASSWORD'])
ftp.prot_p()
with open('up.bin', 'rb') as file: ftp.storbinary('STOR up.bin', file)
print(ftp.nlst())
with open('down.bin', 'wb') as file: ftp.retrbinary('RETR up.bin', file.write)
assert ftp.sock.version() == sys.argv[1].replace('TLSv1_', 'TLSv1.')
ftp.quit()
`;

function python(version: 'TLSv1_2' | 'TLSv1_3', sessions: 'as it is' | 'resuming'): Round {
  return (journey) => said(journey, 'python3', ['-c', PYTHON, version, sessions]);
}

const PHP = `
set_error_handler(function ($number, $text) { throw new Exception($text); });
$ftp = ftp_ssl_connect(getenv('FTP_HOST'), (int) getenv('FTP_PORT'), 20);
ftp_login($ftp, getenv('FTP_USER'), getenv('FTP_PASSWORD'));
ftp_pasv($ftp, true);
ftp_put($ftp, 'up.bin', 'up.bin', FTP_BINARY);
echo implode(' ', ftp_nlist($ftp, '.'));
ftp_get($ftp, 'down.bin', 'up.bin', FTP_BINARY);
ftp_close($ftp);
`;

function rclone(...options: readonly string[]): Round {
  return async (journey) => {
    const { site, implicitPort } = journey;
    const pass = (await site.run('rclone', ['obscure', PASSWORD])).stdout.trim();
    const isImplicit = options.includes('tls');
    const port = isImplicit ? implicitPort : site.port;
    const mode = isImplicit ? 'tls=true' : ['explicit_tls=true', ...options].join(',');
    const remote = `:ftp,host=${site.host},port=${port},user=${USERNAME},pass=${pass},${mode},no_check_certificate=true:`;
    const quiet = ['--config', '/dev/null', '--retries', '1', '--low-level-retries', '1'];
    await said(journey, 'rclone', [...quiet, 'copyto', 'up.bin', `${remote}up.bin`]);
    const listing = await said(journey, 'rclone', [...quiet, 'lsf', remote]);
    await said(journey, 'rclone', [...quiet, 'copyto', `${remote}up.bin`, 'down.bin']);
    return listing;
  };
}

function basicFtp(secure: true | 'implicit'): Round {
  return async ({ site, implicitPort }) => {
    const client = new BasicFtp(20_000);
    try {
      const port = secure === 'implicit' ? implicitPort : site.port;
      const access = { host: site.host, port, user: USERNAME, password: PASSWORD, secure };
      await client.access({ ...access, secureOptions: { rejectUnauthorized: false } });
      await client.uploadFrom(site.local('up.bin'), 'up.bin');
      const names = (await client.list()).map(({ name }) => name);
      await client.downloadTo(site.local('down.bin'), 'up.bin');
      return names.join(' ');
    } finally {
      client.close();
    }
  };
}

function wgetHasFtps(): boolean {
  if (!isInstalled('wget')) return false;
  return spawnSync('wget', ['--help'], { encoding: 'utf8' }).stdout.includes('--ftps-implicit');
}

/**
 * wget only downloads. It takes the session right after the handshake, whether or not the ticket of TLS 1.3 has come: on a
 * busy machine it can be too early, so it may try again.
 */
function wget(mode: 'explicit' | 'implicit'): Round {
  return async (journey) => {
    const { site, implicitPort } = journey;
    await site.seed('up.bin', CONTENT);
    const port = mode === 'implicit' ? implicitPort : site.port;
    const args = [
      ...['--no-config', '--no-verbose', '--tries=1', '--timeout=20', '--no-check-certificate'],
      ...[`--user=${USERNAME}`, `--password=${PASSWORD}`, '-O', 'down.bin'],
      ...(mode === 'implicit' ? ['--ftps-implicit'] : []),
      `ftps://${site.host}:${port}/up.bin`,
    ];
    const attempt = () => said(journey, 'wget', args);
    await attempt().catch(attempt).catch(attempt);
    return 'up.bin';
  };
}

const hasPython = succeeds('python3', ['-c', 'import ssl, ftplib']);
const hasPhp = succeeds('php', ['-r', 'exit(function_exists("ftp_ssl_connect") ? 0 : 1);']);

const CASES: readonly Case[] = [
  { name: 'lftp', isThere: isInstalled('lftp'), round: lftp(), resumes: 'always' },
  {
    name: 'lftp, implicit',
    isThere: isInstalled('lftp'),
    round: lftp('implicit'),
    resumes: 'always',
  },
  { name: 'curl', isThere: isInstalled('curl'), round: curl('ftp'), resumes: 'once' },
  {
    name: 'curl, TLS 1.2',
    isThere: isInstalled('curl'),
    round: curl('ftp', '--tls-max', '1.2'),
    resumes: 'always',
  },
  { name: 'curl, implicit', isThere: isInstalled('curl'), round: curl('ftps'), resumes: 'once' },
  {
    name: 'Python ftplib, TLS 1.2',
    isThere: hasPython,
    round: python('TLSv1_2', 'as it is'),
    resumes: 'never',
  },
  {
    name: 'Python ftplib, TLS 1.3',
    isThere: hasPython,
    round: python('TLSv1_3', 'as it is'),
    resumes: 'never',
  },
  {
    name: 'Python ftplib that is taught to resume, TLS 1.2',
    isThere: hasPython,
    round: python('TLSv1_2', 'resuming'),
    resumes: 'always',
  },
  {
    name: 'Python ftplib that is taught to resume, TLS 1.3',
    isThere: hasPython,
    round: python('TLSv1_3', 'resuming'),
    resumes: 'always',
  },
  {
    name: "PHP's ftp_ssl_connect",
    isThere: hasPhp,
    round: (journey) => said(journey, 'php', ['-r', PHP]),
    resumes: 'once',
  },
  { name: 'rclone', isThere: isInstalled('rclone'), round: rclone(), resumes: 'always' },
  {
    name: 'rclone, implicit',
    isThere: isInstalled('rclone'),
    round: rclone('tls'),
    resumes: 'always',
  },
  {
    name: 'rclone that resumes nothing, TLS 1.2',
    isThere: isInstalled('rclone'),
    round: rclone('tls_cache_size=0', 'disable_tls13=true'),
    resumes: 'never',
  },
  { name: 'basic-ftp', isThere: true, round: basicFtp(true), resumes: 'always' },
  { name: 'basic-ftp, implicit', isThere: true, round: basicFtp('implicit'), resumes: 'always' },
  { name: 'wget', isThere: wgetHasFtps(), round: wget('explicit'), resumes: 'always' },
  { name: 'wget, implicit', isThere: wgetHasFtps(), round: wget('implicit'), resumes: 'always' },
];

function siteWith(tlsSessionReuse: 'prefer' | 'require'): () => Journey {
  let site: ClientSite | undefined;
  beforeAll(async () => {
    site = await ClientSite.open({
      settings: { tls: 'optional', implicitPort: 0, tlsSessionReuse },
    });
    await site.writeLocal('up.bin', CONTENT);
  });
  afterAll(() => site?.close());
  return () => {
    if (site === undefined) throw new Error('not started');
    return { site, implicitPort: site.server.implicitPort };
  };
}

async function expectRound(journey: Journey, round: Round): Promise<void> {
  const { site } = journey;
  await site.writeLocal('down.bin', '');
  await site.seed('up.bin', 'to be replaced');
  const listing = await round(journey);
  expect(listing).toContain('up.bin');
  expect(await site.homeDigest('up.bin')).toBe(digestOf(CONTENT));
  expect(await site.localDigest('down.bin')).toBe(digestOf(CONTENT));
}

describe('uploads, lists and downloads over TLS, as MyFTP comes,', () => {
  const journey = siteWith('prefer');

  for (const { name, isThere, round } of CASES) {
    describeClient(name, isThere, () => {
      test('works', () => expectRound(journey(), round));
    });
  }
});

describe('with --tls-session-reuse require,', () => {
  const journey = siteWith('require');

  for (const { name, isThere, round, resumes } of CASES) {
    describeClient(name, isThere, () => {
      const outcomes = {
        always: 'works, too',
        once: 'is refused at its second data connection',
        never: 'is refused',
      };
      test(outcomes[resumes], async () => {
        if (resumes === 'always') await expectRound(journey(), round);
        else await expect(expectRound(journey(), round)).rejects.toThrow();
      });
    });
  }
});
