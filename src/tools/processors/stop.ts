/** `stop_stream_processor`: stops a processor, once, and reads back that it is stopped. */
import { z } from "zod/v3";
import { getProcessor, stopProcessor } from "../../atlas/endpoints.ts";
import { defineTool } from "../../tool/define.ts";
import { dryRun, plannedRequest } from "../../tool/dry-run.ts";
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
  output: { processor: processorView, warnings, request: plannedRequest },
  async run({ groupId, tenantName, processorName: name, dryRun }, call) {
    const place = { groupId, tenantName };
    const find = getProcessor(place, name);
    const before = await call.untilSettled(await call.find(find), find);
    const quotedName = JSON.stringify(call.mask(name));
    if (before["state"] !== "STARTED")
      return {
        outcome: "already_stopped",
        summary: `The processor ${quotedName} does not run; its state is ${call.mask(stateOf(before))}.`,
        processor: processor.view(before),
      };
    if (dryRun)
      return {
        outcome: "planned",
        summary: `Would stop the processor ${quotedName}; nothing was stopped.`,
        processor: processor.view(before),
        request: call.planned(stopProcessor(place, name)),
      };
    const latest = await stop(place, name, before, call);
    return {
      outcome: "stopped",
      summary: `The processor ${quotedName} is stopped.`,
      processor: processor.view(latest),
    };
  },
});
