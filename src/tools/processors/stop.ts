/** `stop_stream_processor`: stops a processor, once, and reads back that it is stopped. */
import { z } from "zod/v3";
import { getProcessor } from "../../atlas/endpoints.ts";
import { processorStates } from "../../atlas/states.ts";
import { type JsonObject, valueAt } from "../../json.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { warnings } from "../../tool/result.ts";
import { stop } from "./lifecycle.ts";
import { processor, processorArguments, processorView, stateOf } from "./resource.ts";

export default defineTool({
  name: "stop_stream_processor",
  description: "Stops a processor and its billing. A later start goes on from its checkpoint.",
  effect: "changes",
  resource: processor,
  input: z.object({ ...processorArguments, dryRun }).strict(),
  outcomes: ["stopped", "already_stopped", "planned"],
  output: { processor: processorView, warnings },
  async run({ groupId, tenantName, processorName: name, dryRun }, call) {
    const place = { groupId, tenantName };
    const find = getProcessor(place, name);
    return call.inTurn(find, async () => {
      const before = await call.find(find);
      const quotedName = JSON.stringify(call.mask(name));
      const alreadyStopped = (existing: JsonObject) => ({
        outcome: "already_stopped" as const,
        summary: `The processor ${quotedName} does not run; its state is ${call.mask(stateOf(existing))}.`,
        processor: processor.view({ name, ...existing }),
      });
      // Of one that does not run Atlas refuses the stop.
      if (before["state"] === "STOPPED" || (call.isDry && isAtRest(before))) return alreadyStopped(before);
      // One that was told to start may still show the state from before, so only Atlas knows whether there is nothing to stop.
      const latest = await call.attempt(stop(place, name, before, call));
      if (!(latest instanceof ToolFailure))
        return {
          outcome: "stopped",
          summary: dryRun
            ? `Would stop the processor ${quotedName}; nothing was stopped.`
            : `The processor ${quotedName} is stopped.`,
          processor: processor.view(dryRun ? before : latest),
        };
      const isRefused = ["conflict", "bad_request"].includes(latest.failure.kind);
      const state = valueAt(latest.circumstances.result, ["processor", "state"]) ?? before["state"];
      if (isRefused && state !== "STARTED" && !processorStates.passes(state))
        return alreadyStopped({ ...before, state });
      throw latest;
    });
  },
});

/** Whether it neither runs nor is about to. */
const isAtRest = ({ state }: JsonObject) => state !== "STARTED" && !processorStates.passes(state);
