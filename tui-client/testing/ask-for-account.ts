/** A terminal or a screen, as a user sees it. */
interface Typed {
  type(text: string): void;
  press(...keys: string[]): void;
  until(seen: string): Promise<unknown>;
}

/** Fills in the forms of the login screen for a new account, up to the question about the certificate. */
export async function askForAccount(
  screen: Typed,
  { port, username, password }: { port: number; username: string; password: string },
): Promise<void> {
  await screen.until('Create account');
  screen.type('127.0.0.1');
  screen.press('tab', 'ctrl-u');
  screen.type(String(port));
  screen.press('shift-tab', 'shift-tab', 'left', 'enter');
  await screen.until('New account on 127.0.0.1');
  screen.type(username);
  for (const text of [password, password]) {
    screen.press('tab');
    screen.type(text);
  }
  screen.press('tab', 'enter');
  await screen.until('Unknown server certificate');
}
