/** `get_stream_processor`: one processor as Atlas shows it. */
import { z } from "zod/v3";
import { getProcessor } from "../../atlas/endpoints.ts";
import { defineTool } from "../../tool/define.ts";
import { someObject } from "../../tool/result.ts";
import { processor, processorArguments, stateOf } from "./resource.ts";

export default defineTool({
  name: "get_stream_processor",
  description: "Shows one processor: pipeline, options, state, counters.",
  effect: "reads",
  resource: processor,
  input: z.object(processorArguments).strict(),
  outcomes: ["ok"],
  output: {
    processor: someObject("As Atlas shows it"),
  },
  async run({ processorName: name, ...place }, call) {
    const existing = await call.find(getProcessor(place, name));
    return {
      outcome: "ok",
      summary: `The processor "${call.mask(name)}" is there; its state is ${call.mask(stateOf(existing))}.`,
      processor: processor.view(existing),
    };
  },
});
