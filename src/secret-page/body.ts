/** Reads what a browser sends, up to a limit. */
import type { IncomingMessage } from "node:http";

export const bodyLimit = 256 * 1024;

/** Where reading on for the sake of an answer ends. */
const patience = 16 * bodyLimit;

/**
 * The body, or undefined when it is larger than `limit`. It is read on all the same, and dropped: a browser that is
 * still sending would see a reset instead of the answer.
 */
export async function readBody(request: IncomingMessage, limit = bodyLimit): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size <= limit) chunks.push(bytes);
    else chunks.length = 0;
    if (size > patience) throw new Error("The body does not end");
  }
  return size <= limit ? Buffer.concat(chunks).toString("utf8") : undefined;
}
