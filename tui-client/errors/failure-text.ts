/** Whether the user has cancelled it. */
export function isCancelled(error: unknown): boolean {
  return (error as { readonly name?: unknown } | undefined)?.name === 'AbortError';
}

/** What to tell of a failure. */
export function failureText(error: unknown): string {
  const { message, advice } = (error ?? {}) as { message?: unknown; advice?: unknown };
  if (typeof message !== 'string' || message === '') return String(error);
  return typeof advice === 'string' ? `${message} ${advice}` : message;
}

/** Whether it is of this kind, as `Failure` has them. */
export function isFailureOf(error: unknown, kind: string): boolean {
  return (error as { readonly kind?: unknown } | undefined)?.kind === kind;
}

/** Whether a proxy has failed, not the server. */
export function isOfProxy(error: unknown): boolean {
  return (error as { readonly isOfProxy?: unknown } | undefined)?.isOfProxy === true;
}
