/** What a stage of streams throws where it cannot do its work. */

import { PipelineFault, Untried } from "../failures.ts";

/** Atlas would not take the stage as it is written, so the processor would not start. */
export class StageRefused extends PipelineFault {
  override name = "StageRefused";
}

/** The processor would fail on this document, and stop. */
export class ProcessorFailure extends Error {
  override name = "ProcessorFailure";
}

/** What an error says. @throws what says nothing of the document: that something cannot be tried, or stops all. */
export function messageOf(error: unknown): string {
  if (error instanceof Untried || error instanceof ProcessorFailure) throw error;
  return error instanceof Error ? error.message : String(error);
}
