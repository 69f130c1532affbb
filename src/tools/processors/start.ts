/** `start_stream_processor`: starts a processor, once, and reads back whether it runs. */
import { z } from "zod/v3";
import { getProcessor, startProcessor } from "../../atlas/endpoints.ts";
import { InvalidInput } from "../../schema/problems.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun, plannedRequest } from "../../tool/dry-run.ts";
import { warnings } from "../../tool/result.ts";
import { tier } from "../workspaces/resource.ts";
import { start } from "./lifecycle.ts";
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
  output: { processor: processorView, warnings, request: plannedRequest },
  async run({ groupId, tenantName, processorName: name, dryRun, ...options }, call) {
    const place = { groupId, tenantName };
    const find = getProcessor(place, name);
    const before = await call.untilSettled(await call.find(find), find);
    const quotedName = JSON.stringify(call.mask(name));
    if (before["state"] === "STARTED") {
      const [option] = Object.keys(options);
      if (option !== undefined)
        throw new InvalidInput(
          [{ path: [option], message: "is only for a processor that does not run, and this one is started" }],
          "Stop it with stop_stream_processor, then start it again with these arguments; nothing was sent.",
        );
      return {
        outcome: "already_started",
        summary: `The processor ${quotedName} was already started; billing runs.`,
        processor: processor.view(before),
      };
    }
    if (dryRun)
      return {
        outcome: "planned",
        summary: `Would start the processor ${quotedName}, after which billing runs; nothing was started.`,
        processor: processor.view(before),
        request: call.planned(startProcessor(place, name, options)),
      };
    const latest = await start(place, name, before, options, call);
    return {
      outcome: "started",
      summary: `The processor ${quotedName} is started; billing runs until it is stopped.`,
      processor: processor.view(latest),
    };
  },
});
