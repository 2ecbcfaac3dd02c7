/** Parsed argument of LIST and NLST: a pathname and the flags of `ls` before it. */
export interface ListArgument {
  readonly pathname: string;
  /** `-a` or `-A`: names that begin with a dot, too. */
  readonly showHidden: boolean;
  /** The whole argument, which may be a name that begins like flags; undefined without flags. */
  readonly alternative: string | undefined;
}

/**
 * Reads the argument of LIST or NLST. Many clients send flags of `ls`, as `LIST -la pub`; other flags
 * than `a` change nothing, and `--` ends them. A lone dash, or one before digits, begins a name.
 */
export function listArgument(argument: string): ListArgument {
  let pathname = argument;
  let showHidden = false;
  for (let flags = FLAGS.exec(pathname); flags !== null; flags = FLAGS.exec(pathname)) {
    showHidden ||= /a/i.test(flags[1] ?? '');
    pathname = pathname.slice(flags[0].length);
    if (flags[1] === '-') break;
  }
  return { pathname, showHidden, alternative: pathname === argument ? undefined : argument };
}

/** Digits other than 1 are no flags of `ls`. */
const FLAGS = /^-([A-Za-z1]+|-)(?: +|$)/;
