/** `delete_stream_processor`: removes a processor whose name was repeated. */
import { z } from "zod/v3";
import { deleteProcessor, getProcessor } from "../../atlas/endpoints.ts";
import { defineTool } from "../../tool/define.ts";
import { confirmArgument, confirmed, nothingToDelete } from "../../tool/deletion.ts";
import { dryRun } from "../../tool/dry-run.ts";
import { Absent } from "../../tool/resource.ts";
import { warnings } from "../../tool/result.ts";
import { processor, processorArguments } from "./resource.ts";

export default defineTool({
  name: "delete_stream_processor",
  description: "Deletes a processor and its state. Ask a person first; safe to repeat.",
  effect: "changes",
  resource: processor,
  input: z.object({ ...processorArguments, confirm: confirmArgument, dryRun }).strict(),
  outcomes: ["deleted", "not_found", "planned"],
  output: { warnings },
  run({ confirm, processorName: name, dryRun, ...place }, call) {
    const find = getProcessor(place, name);
    return confirmed({ name, confirm, dryRun }, call, () =>
      call.inTurn(find, async () => {
        const ended = await call.remove({ request: deleteProcessor(place, name), find, name });
        if (ended instanceof Absent) return nothingToDelete(ended, call);
        const what = `the processor ${JSON.stringify(call.mask(name))}`;
        const summary = dryRun ? `Would delete ${what}; nothing was deleted.` : `Deleted ${what}.`;
        return { outcome: "deleted" as const, summary };
      }),
    );
  },
});
