import type { ManPage } from './man-page.ts';

type Manual = Omit<ManPage, 'model' | 'version'>;

/** The parts of myftp-server(8) that the command table does not have. */
export const serverManual: Manual = {
  section: 8,
  description: [
    'myftp-server serves files over FTP and FTPS. Without a command it starts the server, which runs in the foreground until it receives SIGTERM or SIGINT.',
    'The other commands manage accounts and invites in the data directory of a server, which may be running.',
  ],
  lists: {
    SIGNALS: [
      [
        'SIGTERM, SIGINT',
        'Stop: running transfers get --grace. A second signal ends the process at once.',
      ],
      ['SIGHUP', 'Read settings and certificate again, as the command reload does.'],
      ['SIGUSR1', 'Reopen the log files, after they were renamed.'],
    ],
    ENVIRONMENT: [
      ['MYFTP_*', 'A setting; MYFTP_PASV_RANGE is --pasv-range.'],
      [
        'NOTIFY_SOCKET',
        'Set by systemd: the server reports readiness and stop with systemd-notify(1).',
      ],
      ['NO_COLOR', 'No colours on the terminal.'],
    ],
    FILES: [
      ['/etc/myftp/myftp.toml', 'Settings of the packaged service.'],
      ['/var/lib/myftp', 'Data of the packaged service: database, files, logs, certificate.'],
    ],
  },
  seeAlso: ['myftp-tui(1)', 'systemctl(1)', 'logrotate(8)'],
};

/** The parts of myftp-tui(1) that the command table does not have. */
export const clientManual: Manual = {
  section: 1,
  description: [
    'myftp-tui shows two panes, sites and a queue of transfers in a terminal. With a command it does one thing without a screen.',
  ],
  lists: {
    ENVIRONMENT: [
      ['ALL_PROXY, all_proxy', 'Proxy for sites that have no other, as socks5://host:1080.'],
      ['NO_PROXY, no_proxy', 'Hosts and domains to connect to directly, with commas between.'],
    ],
    FILES: [
      ['~/.config/myftp/', 'Settings, bookmarked sites and trusted certificates.'],
      ['~/.netrc', 'Names and passwords, as other FTP clients use them.'],
    ],
  },
  seeAlso: ['myftp-server(8)', 'lftp(1)', 'curl(1)'],
};
