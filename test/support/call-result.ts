/** What the SDKs' clients give for a call, as a result: the text block has to be the structured content. */
import type { Result } from "../../src/tools/result.ts";

export function resultOfCall({ structuredContent, isError, content }: Record<string, unknown>): Result & {
  isError: boolean;
} {
  const [block] = Array.isArray(content) ? content : [];
  if (JSON.stringify(structuredContent) !== block?.text)
    throw new Error("The text block is not the structured content");
  return { ...(structuredContent as Result), isError: isError === true };
}
