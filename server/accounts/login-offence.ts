/** Why a login is refused; the client does not learn it. */
export type LoginOffence = 'wrong password' | 'unknown name' | 'network not allowed';
