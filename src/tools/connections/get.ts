/** `get_stream_connection`: one connection as Atlas returns it. */
import { z } from "zod/v3";
import { getConnection, listFailoverConnections, type WorkspacePlace } from "../../atlas/endpoints.ts";
import { isNeverReturned, secretParts } from "../../connections/secret-places.ts";
import { hasFailovers, typeNamed } from "../../connections/union.ts";
import { terraformOfExisting } from "../../equivalents/terraform-of-existing.ts";
import { dotted, type JsonObject } from "../../json.ts";
import { describeFields } from "../../schema/describe-fields.ts";
import { ownWords, unlisted } from "../../schema/fields.ts";
import type { PartsOf } from "../../secrets/parts.ts";
import type { Call } from "../../tool/context.ts";
import { defineTool } from "../../tool/define.ts";
import { ToolFailure } from "../../tool/failure.ts";
import { entries } from "../../tool/result.ts";
import { sentence } from "../../tool/words.ts";
import { connection, connectionArguments, connectionView } from "./resource.ts";

export default defineTool({
  name: "get_stream_connection",
  description: "Shows one connection as Atlas returns it, with secrets masked.",
  effect: "reads",
  resource: connection,
  input: z
    .object({
      ...connectionArguments,
      as: z.enum(["json", "terraform"]).default("json").describe("terraform: as Terraform too"),
    })
    .strict(),
  outcomes: ["ok"],
  output: {
    connection: connectionView,
    failoverConnections: unlisted(entries("As Atlas shows them")),
    terraform: ownWords(unlisted(z.string().optional())),
  },
  async run({ connectionName: name, as, ...place }, call) {
    const found = await call.find(getConnection(place, name));
    const { type, state } = found;
    const is = state === undefined ? "" : `; its state is ${call.mask(String(state))}`;
    const failovers = await failoversOf(found, place, name, call);
    const result = {
      outcome: "ok",
      summary: `The connection "${call.mask(name)}" is there${is}.`,
      connection: connection.view(found),
      ...(failovers.length > 0 && { failoverConnections: failovers.map(connection.view) }),
    } as const;
    if (as === "json") return result;
    const partsOf: PartsOf = (text, path) => [...secretParts(text, path), ...call.secretPartsIn(text, path)];
    const { baseUrl: origin, sandbox } = call.settings;
    const existing = { origin, sandbox, ...place, connection: found, partsOf };
    const terraform = terraformOfExisting(existing);
    if (terraform === undefined) {
      call.warn("No Terraform form was made: this server does not know its type, or some of its fields, in Terraform.");
      return result;
    }
    const secrets = secretsOf(type);
    if (secrets.length > 0)
      call.warn(
        `Atlas does not show secrets (${secrets.join(", ")}): those that are no variable in the Terraform form have to be added to it.`,
      );
    return { ...result, terraform };
  },
});

/** What the connection is in other regions, as far as it can be read. */
async function failoversOf(found: JsonObject, place: WorkspacePlace, name: string, call: Call): Promise<JsonObject[]> {
  if (!hasFailovers(found)) return [];
  const listing = await call.attempt(call.list(listFailoverConnections(place, name)));
  if (!(listing instanceof ToolFailure)) return listing.entries;
  if (listing.failure.kind !== "not_found")
    call.warn(sentence(`Whether it has failover connections could not be read: ${listing.message}`));
  return [];
}

/** The secrets that a connection of the type may have and Atlas never returns. */
function secretsOf(type: unknown): string[] {
  const schema = typeNamed(type)?.schema;
  return schema
    ? describeFields(schema)
        .filter(({ path }) => isNeverReturned(path))
        .map(({ path }) => dotted(path))
    : [];
}
