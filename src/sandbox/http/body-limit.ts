/** Reads a request's body up to the limit that the sandbox sets. */
import type { IncomingMessage } from "node:http";

const bodyLimit = 1024 * 1024;

/**
 * The body as text, or undefined when it is larger than 1 MiB. A body that is too large is read to its end all the
 * same: a client that is still sending would otherwise see a reset instead of the answer.
 */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size <= bodyLimit) chunks.push(bytes);
  }
  return size <= bodyLimit ? Buffer.concat(chunks).toString("utf8") : undefined;
}
