/**
 * The create of a private link for people who use other tools: a `curl` command, an Atlas CLI command, a Terraform
 * resource.
 * @see https://www.mongodb.com/docs/atlas/cli/current/command/atlas-streams-privateLinks-create/
 */
import type { JsonObject } from "../json.ts";
import type { PartsOf } from "../secrets/parts.ts";
import { commandWithFile } from "./atlas-cli.ts";
import { type PostRequest, variablesIn } from "./create.ts";
import { curlCommand } from "./curl.ts";
import type { Equivalents } from "./equivalents.ts";
import { quoted } from "./hcl.ts";
import { privateLinkNames } from "./provider.ts";
import { word } from "./shell.ts";
import { resourceText } from "./terraform.ts";

interface LinkRequest extends PostRequest {
  groupId: string;
  body: JsonObject;
  /** No field of a private link is a secret by its place; a known secret in one is one by its value. */
  partsOf: PartsOf;
}

export function linkEquivalents({ partsOf, ...create }: LinkRequest): Equivalents {
  const { body, groupId } = create;
  const variables = variablesIn(body, partsOf, {
    name: `${body["provider"]} ${body["vendor"]} link`,
    type: "private link",
  });
  const command = `atlas streams privateLinks create --projectId ${word(groupId)}`;
  const place = [["project_id", quoted(groupId)]] as const;
  return {
    curl: curlCommand(create, variables),
    atlasCli: commandWithFile({ ...create, command, file: "private-link.json", ignored: [] }, variables),
    terraform: resourceText(
      { ...create, kind: "mongodbatlas_stream_privatelink_endpoint", place, names: privateLinkNames },
      variables,
    ),
  };
}
