/** Writes that were sent before their call was cancelled. */
import type { WriteOutcome } from "../atlas/write-once.ts";
import type { JsonObject } from "../json.ts";
import type { Services } from "./tool.ts";

/**
 * Says on the log what became of such a write; the client does not want to hear of it any more. What is not known yet
 * is kept in `services.abandoned`, so that the process can wait a moment for it before it ends.
 * `judge` says what it means that Atlas shows this.
 */
export function reportAbandoned(
  what: string,
  connection: string,
  { log, abandoned }: Services,
  judge: (shown: JsonObject) => string = () => "it happened",
): (rest: Promise<WriteOutcome>) => void {
  const say = (became: string) =>
    log.warning(`A call was cancelled after its ${what} had been sent; ${became}`, { connection });
  return (rest) => {
    const report = rest
      .then(
        (outcome) => say(outcome.kind === "found" ? judge(outcome.body) : "it happened"),
        (error: unknown) => say(error instanceof Error ? error.message : "what became of it is unknown"),
      )
      .finally(() => abandoned.delete(report));
    abandoned.add(report);
  };
}
