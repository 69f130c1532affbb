/** What goes wrong with one document in a stage of streams. */
import { Untried } from "../failures.ts";

/** The processor would fail on this document, and stop. */
export class ProcessorFailure extends Error {
  override name = "ProcessorFailure";
}

/** The reason of a dead letter, as Atlas words it. @throws what is no failure of the document itself. */
export function reasonOf(stage: string, error: unknown): string {
  if (error instanceof Untried || error instanceof ProcessorFailure) throw error;
  return `Failed to process input document in ${stage} with error: ${error instanceof Error ? error.message : error}`;
}
