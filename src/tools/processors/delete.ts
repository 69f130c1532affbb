/** `delete_stream_processor`: removes a processor whose name was repeated. */
import { z } from "zod/v3";
import { deleteProcessor, getProcessor } from "../../atlas/endpoints.ts";
import { defineTool } from "../../tool/define.ts";
import { confirmArgument, nothingToDelete, requireConfirm } from "../../tool/deletion.ts";
import { dryRun, plannedRequest } from "../../tool/dry-run.ts";
import { Absent } from "../../tool/resource.ts";
import { warnings } from "../../tool/result.ts";
import { processor, processorArguments, stateOf } from "./resource.ts";

export default defineTool({
  name: "delete_stream_processor",
  description: "Deletes a processor and its state. Ask a person first; safe to repeat.",
  effect: "changes",
  resource: processor,
  input: z.object({ ...processorArguments, confirm: confirmArgument, dryRun }).strict(),
  outcomes: ["deleted", "not_found", "planned"],
  output: { warnings, request: plannedRequest },
  async run({ confirm, processorName: name, dryRun, ...place }, call) {
    requireConfirm({ name, confirm, dryRun }, call);
    const quotedName = JSON.stringify(call.mask(name));
    const removal = { request: deleteProcessor(place, name), find: getProcessor(place, name), name };
    const ended = dryRun ? await call.unlessAbsent(call.find(removal.find)) : await call.remove(removal);
    if (ended instanceof Absent) return nothingToDelete(ended, call);
    if (ended === "deleted") return { outcome: "deleted", summary: `Deleted the processor ${quotedName}.` };
    return {
      outcome: "planned",
      summary: `Would delete the processor ${quotedName}, whose state is ${call.mask(stateOf(ended))}; nothing was deleted.`,
      request: call.planned(removal.request),
    };
  },
});
