/**
 * The command that runs a program in this Node; with `MYFTP_BENCH_PROFILES=DIRECTORY` it leaves a CPU profile
 * (for Chrome's developer tools) there when it ends.
 */
export function nodeCommand(...args: string[]): [program: string, ...args: string[]] {
  const profilesPath = process.env.MYFTP_BENCH_PROFILES;
  const profiling =
    profilesPath === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profilesPath}`];
  return [process.execPath, ...profiling, ...args];
}
