/** What LIST and NLST are asked for: a pathname and what the flags of `ls` before it say. */
export interface ListArgument {
  readonly pathname: string;
  /** `-a` or `-A`: names that begin with a dot, too. */
  readonly showHidden: boolean;
}

/**
 * Reads the argument of LIST or NLST. Many clients send flags of `ls`, as `LIST -la pub`; other flags
 * than `a` change nothing.
 */
export function listArgument(argument: string): ListArgument {
  let pathname = argument;
  let showHidden = false;
  for (let flags = FLAGS.exec(pathname); flags !== null; flags = FLAGS.exec(pathname)) {
    showHidden ||= /a/i.test(flags[1] ?? '');
    pathname = pathname.slice(flags[0].length);
  }
  return { pathname, showHidden };
}

const FLAGS = /^-([A-Za-z0-9]*)(?: +|$)/;
