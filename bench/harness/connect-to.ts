import { connectSite } from '../../tui-client/remote/connect-site.ts';
import type { RemoteSession } from '../../tui-client/remote/remote-session.ts';
import type { Site } from '../../tui-client/sites/site.ts';
import type { RunningServer } from './running-server.ts';

/** A session of MyFTP's client with a server of the bench, whose certificate is trusted whatever it is. */
export function connectTo(
  { port, plan }: RunningServer,
  { tls }: Pick<Site, 'tls'>,
): Promise<RemoteSession> {
  const nothing = { name: undefined, remotePath: undefined, localPath: undefined };
  const site = { id: 'bench', host: '127.0.0.1', port, tls, username: plan.user, ...nothing };
  return connectSite(site, { password: async () => plan.password, trust: async () => 'once' });
}
