/** `get_stream_connection`: one connection as Atlas returns it. */
import { z } from "zod/v3";
import { typeNamed } from "../connections/union.ts";
import { checkArguments } from "./arguments/check-arguments.ts";
import { connectionName, workspaceShape } from "./arguments/workspace.ts";
import { connectionView } from "./connection-view.ts";
import { readResultSchema } from "./read-result.ts";
import { existingConnection, reading } from "./reading.ts";
import { readOnly, type Tool } from "./tool.ts";

const input = z
  .object({
    ...workspaceShape,
    connectionName,
    as: z.enum(["json", "terraform"]).default("json").describe("terraform: also as a resource"),
  })
  .strict();

export const getStreamConnection: Tool = {
  name: "get_stream_connection",
  title: "Get a stream connection",
  description: "Shows one connection as Atlas returns it; Atlas never returns its secrets.",
  annotations: readOnly,
  input,
  output: readResultSchema({ connection: z.object({}).passthrough().optional().describe("As Atlas shows it") }),
  async call(args, services, context) {
    const { connectionName: name, as, ...project } = await checkArguments(input, args, services, context);
    return reading({ ...project, connectionName: name }, services, context, async () => {
      const connection = connectionView(await existingConnection(project, name, services, context));
      const state = connection["state"] === undefined ? "" : `; its state is ${String(connection["state"])}`;
      const summary = `The connection "${name}" is there${state}.`;
      if (as === "json") return { summary, project, connection };
      const { terraformOfExisting } = await import("../equivalents/terraform-of-existing.ts");
      const terraform = terraformOfExisting({ origin: services.settings.baseUrl, ...project, connection });
      return terraform === undefined
        ? { summary, project, connection, warnings: ["It has a type or fields that have no Terraform form here."] }
        : { summary, project, connection, terraform, warnings: await secretsLeftOut(connection["type"]) };
    });
  },
};

/** Which secrets a connection of the type may have that nothing made of Atlas's answer can hold. */
async function secretsLeftOut(type: unknown): Promise<string[]> {
  const { describeFields } = await import("../connections/describe-fields.ts");
  const schema = typeNamed(type)?.schema;
  const secrets = schema ? describeFields(schema).filter(({ secret }) => secret) : [];
  if (secrets.length === 0) return [];
  const paths = secrets.map(({ path }) => path).join(", ");
  return [`Atlas does not show secrets (${paths}): what is no variable in the Terraform form has to be added to it.`];
}
