/** `list_stream_connections`: the connections of a workspace, each by what tells it apart. */
import { z } from "zod/v3";
import { typeName, typeNamed } from "../../connections/union.ts";
import { dotted, type JsonObject, valueAt } from "../../json.ts";
import { defineTool } from "../../tool/define.ts";
import { contains, nameContains, pageArguments, pageFields, pageOf } from "../../tool/list.ts";
import { entries } from "../../tool/result.ts";
import { workspaceArguments } from "../workspaces/resource.ts";
import { connection } from "./resource.ts";

export default defineTool({
  name: "list_stream_connections",
  description: "Lists a workspace's connections: name, type, state and what tells them apart.",
  effect: "reads",
  resource: connection,
  input: z.object({ ...workspaceArguments, type: typeName.optional(), nameContains, ...pageArguments }).strict(),
  outcomes: ["ok"],
  output: {
    connections: entries("name, type, state, region, …"),
    ...pageFields,
  },
  async run({ type, nameContains: part, ...wanted }, call) {
    const { entries } = await call.list(connection.list(call.place));
    const found = entries.filter(
      (entry) => (type === undefined || entry["type"] === type) && contains(entry["name"], part),
    );
    const { shown, summary, rest } = pageOf(found, connection.noun, wanted);
    const views = shown.map(connection.view);
    return { outcome: "ok", summary, connections: wanted.detail ? views : views.map(listEntry), ...rest };
  },
});

/** Its name, type, state and region, and the fields that tell connections of its type apart. */
function listEntry(view: JsonObject): JsonObject {
  const { name, type, state, region } = view;
  const distinct = (typeNamed(type)?.apart ?? []).map((path) => [dotted(path), valueAt(view, path)] as const);
  return { name, type, state, region, ...Object.fromEntries(distinct.filter(([, value]) => value != null)) };
}
