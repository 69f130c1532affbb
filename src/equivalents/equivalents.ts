/**
 * The same create for people who use other tools: a `curl` command, an Atlas CLI command, a Terraform resource.
 * Secrets are variables in all three.
 */
import { atlasCliCommand } from "./atlas-cli.ts";
import { type CreateRequest, variablesOf } from "./create.ts";
import { curlCommand } from "./curl.ts";
import { terraformResource } from "./terraform.ts";

export type { CreateRequest } from "./create.ts";

export interface Equivalents {
  curl: string;
  atlasCli: string;
  terraform: string;
}

export function equivalentsOf(create: CreateRequest): Equivalents {
  const variables = variablesOf(create);
  return {
    curl: curlCommand({ ...create, body: create.connection }, variables),
    atlasCli: atlasCliCommand(create, variables),
    terraform: terraformResource(create, variables),
  };
}
