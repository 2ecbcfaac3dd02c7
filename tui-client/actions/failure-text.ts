/** Whether the user did not want it any more. */
export function isCancelled(error: unknown): boolean {
  return (error as { readonly name?: unknown } | undefined)?.name === 'AbortError';
}

/** What to tell of a failure. */
export function failureText(error: unknown): string {
  const message = (error as { readonly message?: unknown } | undefined)?.message;
  return typeof message === 'string' && message !== '' ? message : String(error);
}

/** Whether it is of this kind, as `Failure` has them. */
export function isFailureOf(error: unknown, kind: string): boolean {
  return (error as { readonly kind?: unknown } | undefined)?.kind === kind;
}

/** Whether a proxy has failed, not the server. */
export function isOfProxy(error: unknown): boolean {
  return (error as { readonly isOfProxy?: unknown } | undefined)?.isOfProxy === true;
}
