import type { Credentials } from "./credentials.ts";

/** A ready bearer token. Nobody here can renew it, so a 401 is final. @see RFC 6750 */
export function accessToken(token: string): Credentials {
  const authorization = `Bearer ${token}`;
  return { authorize: () => Promise.resolve(authorization), learn: () => false };
}
