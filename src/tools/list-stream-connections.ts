/** `list_stream_connections`: the connections of a workspace, each by what tells it apart. */
import { z } from "zod/v3";
import { listConnections } from "../atlas/endpoints.ts";
import { readPages } from "../atlas/pages.ts";
import { valueAt } from "../connections/paths.ts";
import { typeName, typeNamed } from "../connections/union.ts";
import type { JsonObject } from "../json.ts";
import { checkArguments } from "./arguments/check-arguments.ts";
import { contains, nameContains } from "./arguments/name-contains.ts";
import { workspaceShape } from "./arguments/workspace.ts";
import { counted, entries, readResultSchema, truncated } from "./read-result.ts";
import { reading } from "./reading.ts";
import { readOnly, type Tool } from "./tool.ts";

const input = z.object({ ...workspaceShape, type: typeName.optional(), nameContains }).strict();

export const listStreamConnections: Tool = {
  name: "list_stream_connections",
  title: "List stream connections",
  description: "Lists the connections of a workspace with name, type, state, and what tells them apart.",
  annotations: readOnly,
  input,
  output: readResultSchema({
    connections: entries("name, type, state, region, …"),
    totalCount: z.number().optional().describe("Before type and nameContains"),
    truncated,
  }),
  async call(args, services, context) {
    const { groupId, tenantName, type, nameContains: part } = await checkArguments(input, args, services, context);
    const project = { groupId, tenantName };
    return reading(project, services, context, async () => {
      const listing = await readPages(services.atlas, listConnections(project), context.signal);
      const found = listing.entries.filter(
        (entry) => (type === undefined || entry["type"] === type) && contains(entry["name"], part),
      );
      return {
        summary: counted(found, "connection", listing),
        project,
        connections: found.map(apart),
        totalCount: listing.totalCount ?? listing.entries.length,
        truncated: listing.truncated,
      };
    });
  },
};

function apart(connection: JsonObject): JsonObject {
  const { name, type, state, region } = connection;
  const paths = typeNamed(type)?.apart ?? [];
  const distinct = paths.map((path) => [path, valueAt(connection, path)] as const);
  return { name, type, state, region, ...Object.fromEntries(distinct.filter(([, value]) => value != null)) };
}
