import type { Site } from '../site.ts';

/** A site that no test connects to. */
export const SITE: Site = {
  id: 'work',
  name: 'work',
  host: 'ftp.example.org',
  port: 21,
  tls: 'explicit',
  username: 'anna',
  remotePath: undefined,
  localPath: undefined,
};
