/** What the SDKs' clients give for a call, as a result: the text block has to be the structured content. */
import type { ErrorFacts } from "../../src/tool/result.ts";

/** A tool's result as a test reads it. */
export interface Result {
  outcome: string;
  summary: string;
  connection?: Record<string, unknown>;
  warnings?: string[];
  error?: ErrorFacts;
  [field: string]: unknown;
}

export function resultOfCall({ structuredContent, isError, content }: Record<string, unknown>): Result & {
  isError: boolean;
} {
  const [block] = Array.isArray(content) ? content : [];
  if (JSON.stringify(structuredContent) !== block?.text)
    throw new Error("The text block is not the structured content");
  return { ...(structuredContent as Result), isError: isError === true };
}
