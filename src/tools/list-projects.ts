/** `list_projects`: the projects that the credentials see. */
import { z } from "zod/v3";
import { listProjects as projects } from "../atlas/endpoints.ts";
import { readPages } from "../atlas/pages.ts";
import { checkArguments } from "./arguments/check-arguments.ts";
import { contains, nameContains } from "./arguments/name-contains.ts";
import { counted, entries, readResultSchema, truncated } from "./read-result.ts";
import { reading } from "./reading.ts";
import { readOnly, type Tool } from "./tool.ts";

const input = z.object({ nameContains }).strict();

export const listProjects: Tool = {
  name: "list_projects",
  title: "List Atlas projects",
  description: "Finds the project id (groupId) that the other tools need.",
  annotations: readOnly,
  input,
  output: readResultSchema({ projects: entries("groupId, name, orgId, clusterCount"), truncated }),
  async call(args, services, context) {
    const { nameContains: part } = await checkArguments(input, args, services, context);
    return reading({}, services, context, async () => {
      const listing = await readPages(services.atlas, projects, context.signal);
      const found = listing.entries
        .filter(({ name }) => contains(name, part))
        .map(({ id, name, orgId, clusterCount }) => ({ groupId: id, name, orgId, clusterCount }));
      return { summary: counted(found, "project", listing), projects: found, truncated: listing.truncated };
    });
  },
};
