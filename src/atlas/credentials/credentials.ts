/** How a request proves to Atlas who sends it. Two kinds are this simple; the others have a file each. */
import type { RawAnswer } from "../answer.ts";
import { AtlasFailure } from "../failure.ts";
import type { HttpRequest } from "../http.ts";

export interface Credentials {
  /**
   * The value of the `Authorization` header, or undefined where Atlas has to challenge first.
   * @throws {AtlasFailure} where it cannot be obtained; nothing of the request was sent then.
   */
  authorize(request: Pick<HttpRequest, "method" | "path">, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Told what came of the `attempt`th sending (from 1) of a request: its answer, or undefined where none came.
   * Returns whether to send the request again, which is only ever the case for a 401.
   */
  learn(authorization: string | undefined, answer: RawAnswer | undefined, attempt: number): boolean;
}

/** A bearer token that someone else obtained. It cannot be renewed here, so a 401 is final. @see RFC 6750 */
export function accessToken(token: string): Credentials {
  const authorization = `Bearer ${token}`;
  return { authorize: () => Promise.resolve(authorization), learn: () => false };
}

/** No usable credentials. The server serves its tools all the same, and each call says what to set. */
export function missingCredentials(problem: string): Credentials {
  return { authorize: () => Promise.reject(new AtlasFailure("configuration", problem)), learn: () => false };
}
