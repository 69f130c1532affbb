/** `list_projects`: the projects that the credentials see. */
import { z } from "zod/v3";
import { defineTool } from "../../tool/define.ts";
import { contains, nameContains } from "../../tool/list.ts";
import { entries } from "../../tool/result.ts";
import { howMany } from "../../tool/words.ts";
import { project } from "./resource.ts";

export default defineTool({
  name: "list_projects",
  description: "Finds the project id (groupId) that the other tools need.",
  effect: "reads",
  resource: project,
  input: z.object({ nameContains }).strict(),
  outcomes: ["ok"],
  output: { projects: entries("groupId, name, orgId, clusterCount") },
  async run({ nameContains: part }, call) {
    const { entries } = await call.list(project.list(call.place));
    const projects = entries.filter(({ name }) => contains(name, part)).map(project.view);
    return { outcome: "ok", summary: `${howMany(projects.length, project.noun)} found.`, projects };
  },
});
