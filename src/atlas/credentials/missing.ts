import { AtlasFailure } from "../failure.ts";
import type { Credentials } from "./credentials.ts";

/** No usable credentials: the server serves its tools all the same, and a call says what to set. */
export function missingCredentials(problem: string): Credentials {
  return { authorize: () => Promise.reject(new AtlasFailure("configuration", problem)), learn: () => false };
}
