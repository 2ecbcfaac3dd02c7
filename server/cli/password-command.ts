import { type AdministrationRequest, administer } from './administration.ts';
import { UsageError } from './command-context.ts';
import { askNewPassword } from './questions.ts';

/** `myftp-server user passwd`: sets the password of an account, or leaves it to another system. */
export async function setPassword(request: AdministrationRequest): Promise<void> {
  const { context, args } = request;
  const [name = ''] = args;
  await administer({ ...request, ifMissing: 'refuse' }, async ({ accounts }) => {
    const { username } = await accounts.show(name);
    const password = await newPasswordFor(request, username);
    const mustChange = request.options.mustChange === true;
    await accounts.setPassword({ username, password, mustChange });
    if (password === undefined) {
      context.stdout.write(`Another system keeps the password of ${username} from now on.\n`);
      return;
    }
    const note = mustChange ? ' It must be changed at the next login.' : '';
    context.stdout.write(`Changed the password of ${username}.${note}\n`);
  });
}

/** @returns undefined if another system keeps it. @throws UsageError */
export async function newPasswordFor(
  { context, options }: Pick<AdministrationRequest, 'context' | 'options'>,
  username: string,
): Promise<string | undefined> {
  const isOnStdin = options.passwordStdin === true;
  if (options.external !== true) return await askNewPassword({ context, username, isOnStdin });
  if (!isOnStdin && options.mustChange !== true) return undefined;
  throw new UsageError('--external gives the account no password: leave out the other option.');
}
