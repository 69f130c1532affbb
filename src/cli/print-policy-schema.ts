/** `--print-policy-schema`: the JSON Schema of a policy, for editors; made from the schema that reads it. */
import { zodToJsonSchema } from "zod-to-json-schema";
import { policySchema } from "../policy/policy.ts";
import { generatedTools } from "../tools/generated/tools.ts";

export function printPolicySchema(): string {
  return `${JSON.stringify(zodToJsonSchema(policySchema(generatedTools), { $refStrategy: "none" }), null, 2)}\n`;
}
