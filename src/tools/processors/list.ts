/** `list_stream_processors`: the processors of a workspace, with what they read, what they write and how much. */
import { z } from "zod/v3";
import { type JsonObject, valueAt } from "../../json.ts";
import { namesOf, usesOf } from "../../stages/connections.ts";
import { defineTool } from "../../tool/define.ts";
import { contains, nameContains, pageArguments, pageFields, pageOf } from "../../tool/list.ts";
import { entries } from "../../tool/result.ts";
import { workspaceArguments } from "../workspaces/resource.ts";
import { processor } from "./resource.ts";

export default defineTool({
  name: "list_stream_processors",
  description: "Lists a workspace's processors: state, tier, source and sink connections, message counts.",
  effect: "reads",
  resource: processor,
  input: z
    .object({
      ...workspaceArguments,
      state: z.string().optional().describe("Only in this state, such as STARTED"),
      nameContains,
      ...pageArguments,
    })
    .strict(),
  outcomes: ["ok"],
  output: {
    processors: entries("name, state, tier, sources, sinks, inputMessageCount, …"),
    ...pageFields,
  },
  async run({ state, nameContains: part, ...wanted }, call) {
    const { entries } = await call.list(processor.list(call.place));
    const requested = state?.trim().toUpperCase();
    const found = entries.filter(
      (entry) => (requested === undefined || entry["state"] === requested) && contains(entry["name"], part),
    );
    const { shown, summary, rest } = pageOf(found, processor.noun, wanted);
    const states = [...new Set(entries.map((entry) => call.mask(String(entry["state"]))))].toSorted();
    const isNone = requested !== undefined && found.length === 0 && states.length > 0;
    return {
      outcome: "ok",
      summary: isNone ? `${summary} The states there are: ${states.join(", ")}; one that runs is STARTED.` : summary,
      processors: shown.map(wanted.detail ? processor.view : listEntry),
      ...rest,
    };
  },
});

function listEntry(entry: JsonObject): JsonObject {
  const { name, state, tier, effectiveTier } = entry;
  const uses = usesOf(entry);
  const count = (counter: string) => valueAt(entry, ["stats", counter]);
  return {
    name,
    state,
    tier,
    ...(effectiveTier !== undefined && { effectiveTier }),
    sources: namesOf(uses, "source"),
    sinks: namesOf(uses, "sink"),
    others: namesOf(uses, "dlq", "other", "doubtful"),
    inputMessageCount: count("inputMessageCount"),
    outputMessageCount: count("outputMessageCount"),
    dlqMessageCount: count("dlqMessageCount"),
  };
}
