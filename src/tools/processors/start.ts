/** `start_stream_processor`: starts a processor, once, and reads back whether it runs. */
import { z } from "zod/v3";
import { getProcessor, type StartOptions } from "../../atlas/endpoints.ts";
import type { JsonObject } from "../../json.ts";
import { InvalidInput } from "../../schema/problems.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { refuseLeaving } from "../../tool/deletion.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { warnings } from "../../tool/result.ts";
import { tier } from "../workspaces/resource.ts";
import { connectionsOf } from "./definition.ts";
import { startUnlessFailed } from "./lifecycle.ts";
import { processor, processorArguments, processorView } from "./resource.ts";

export default defineTool({
  name: "start_stream_processor",
  description: "Starts a processor, which is billed until it is stopped.",
  effect: "changes",
  resource: processor,
  input: z
    .object({
      ...processorArguments,
      tier: tier("To run on, such as SP30"),
      resumeFromCheckpoint: z.boolean().optional().describe("false: start afresh, without its state"),
      startAtOperationTime: z.string().optional().describe("Where a change stream begins, in ISO 8601"),
      dryRun,
    })
    .strict(),
  outcomes: ["started", "already_started", "planned"],
  output: { processor: processorView, warnings },
  async run({ groupId, tenantName, processorName: name, dryRun, ...options }, call) {
    const place = { groupId, tenantName };
    const find = getProcessor(place, name);
    return call.inTurn(find, async () => {
      const before = await call.find(find);
      refuseLeaving(name, before, call);
      const quotedName = JSON.stringify(call.mask(name));
      if (before["state"] === "STARTED") {
        refuseOther(options, before, call);
        return {
          outcome: "already_started",
          summary: `The processor ${quotedName} was already started; billing runs.`,
          processor: processor.view(before),
        };
      }
      const isDoubtful = call.isDry || before["state"] === processor.states?.failed;
      const connections = isDoubtful ? await connectionsOf(place, call) : undefined;
      const latest = await startUnlessFailed(place, name, before, connections, call, options);
      const from =
        before["state"] === "STOPPED" && options.resumeFromCheckpoint !== false
          ? " It goes on from its last checkpoint, but for one that stood still for 45 days: the state of that is gone."
          : "";
      return {
        outcome: "started",
        summary: dryRun
          ? `Would start the processor ${quotedName}, after which billing runs; nothing was started.`
          : `The processor ${quotedName} is started; billing runs until it is stopped.${from}`,
        processor: processor.view(dryRun ? before : latest),
      };
    });
  },
});

/** @throws {InvalidInput} where one that runs is to run in another way than it does, or may do. */
function refuseOther(options: StartOptions, existing: JsonObject, call: Call): void {
  const { tier } = existing;
  const runsOn = typeof tier === "string" ? `, on ${call.mask(tier)}` : "";
  const [other] = Object.entries(options).flatMap(([option, value]) =>
    value === undefined || (option === "tier" && value === tier) ? [] : [option],
  );
  if (other === undefined) return;
  throw new InvalidInput(
    [{ path: [other], message: `is only for a processor that does not run, and this one is started${runsOn}` }],
    `${call.way("Stop it", "stop_stream_processor")}, then start it again with these arguments; nothing was sent.`,
  );
}
