/** How a request proves to Atlas who sends it. */
import type { RawAnswer } from "../answer.ts";
import type { HttpRequest } from "../http.ts";

export interface Credentials {
  /**
   * The value of the `Authorization` header, or undefined where Atlas has to challenge first.
   * @throws {AtlasFailure} where it cannot be had; nothing of the request was sent then.
   */
  authorize(request: Pick<HttpRequest, "method" | "path">, signal: AbortSignal): Promise<string | undefined>;
  /**
   * Told what became of the `attempt`th sending (from 1) of a request: its answer, or undefined where none came.
   * Returns whether the request should be sent again, which it does only for a 401.
   */
  learn(authorization: string | undefined, answer: RawAnswer | undefined, attempt: number): boolean;
}
