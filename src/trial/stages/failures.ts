/** What a stage of streams throws where it cannot do its work. */

/** Atlas would not take the stage as it is written, so the processor would not start. */
export class StageRefused extends Error {
  override name = "StageRefused";
}

/** The processor would fail on this document, and stop. */
export class ProcessorFailure extends Error {
  override name = "ProcessorFailure";
}

/** What an error says, whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
