/** `list_stream_connections`: the connections of a workspace, each by what tells it apart. */
import { z } from "zod/v3";
import { typeName, typeNamed } from "../../connections/union.ts";
import { dotted, type JsonObject, valueAt } from "../../json.ts";
import { defineTool } from "../../tool/define.ts";
import { contains, counted, nameContains, truncated } from "../../tool/list.ts";
import { entries } from "../../tool/result.ts";
import { workspaceArguments } from "../workspaces/resource.ts";
import { connection } from "./resource.ts";

export default defineTool({
  name: "list_stream_connections",
  description: "Lists a workspace's connections: name, type, state and what tells them apart.",
  effect: "reads",
  resource: connection,
  input: z.object({ ...workspaceArguments, type: typeName.optional(), nameContains }).strict(),
  outcomes: ["ok"],
  output: {
    connections: entries("name, type, state, region, …"),
    totalCount: z.number().optional().describe("Without type and nameContains"),
    truncated,
  },
  async run({ type, nameContains: part }, call) {
    const listing = await call.list(connection.list(call.place));
    const found = listing.entries.filter(
      (entry) => (type === undefined || entry["type"] === type) && contains(entry["name"], part),
    );
    return {
      outcome: "ok",
      summary: counted(found, connection.noun, listing),
      connections: found.map((entry) => listEntry(connection.view(entry))),
      totalCount: listing.totalCount ?? listing.entries.length,
      truncated: listing.truncated,
    };
  },
});

/** Its name, type, state and region, and the fields that tell connections of its type apart. */
function listEntry(view: JsonObject): JsonObject {
  const { name, type, state, region } = view;
  const distinct = (typeNamed(type)?.apart ?? []).map((path) => [dotted(path), valueAt(view, path)] as const);
  return { name, type, state, region, ...Object.fromEntries(distinct.filter(([, value]) => value != null)) };
}
