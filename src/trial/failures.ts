/** What can go wrong with a pipeline that is tried. */
import type { Path } from "../json.ts";

/** An expression that fails on a document, in MongoDB's words: the document becomes a dead letter. */
export class ExpressionFailure extends Error {
  override name = "ExpressionFailure";
}

/** Something that Atlas does and this engine does not: the stage passes its documents on, and is told of. */
export class Untried extends Error {
  override name = "Untried";
}

/** A pipeline that MongoDB takes for no pipeline, and what leads to its fault from the stage's value. */
export class PipelineFault extends Error {
  override name = "PipelineFault";
  readonly path: Path;
  constructor(message: string, path: Path = []) {
    super(message);
    this.path = path;
  }
}

/** The processor would fail on this document, and stop. */
export class ProcessorFailure extends Error {
  override name = "ProcessorFailure";
}

/** The reason of a dead letter, as Atlas words it. @throws what is no failure of the document itself. */
export function reasonOf(stage: string, error: unknown): string {
  if (error instanceof Untried || error instanceof ProcessorFailure) throw error;
  return `Failed to process input document in ${stage} with error: ${error instanceof Error ? error.message : error}`;
}
