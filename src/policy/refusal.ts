/** A refusal by the policy, which says what is allowed instead. */
import { AtlasFailure } from "../atlas/failure.ts";
import { isNoRule, listed, type Rule } from "./rule.ts";

/** The refusal of a tool, which does something alone or as a part of something else. */
export const toolRefusal = (rule: Rule, tool: string): AtlasFailure => {
  const { allow, deny } = rule.tools;
  return refusal(rule, tool, [...allow, ...deny.map((entry) => `not ${entry}`)]);
};

/** A refusal by a rule; `allowed` is what may stand in its place. */
export function refusal(
  rule: Rule,
  what: string,
  allowed: readonly string[],
  more: Pick<AtlasFailure["facts"], "fields" | "retryable"> = {},
): AtlasFailure {
  if (isNoRule(rule))
    return new AtlasFailure("forbidden", "No rule of the policy is for this caller, so nothing is allowed", {
      policy: { allowed: [] },
      retryable: false,
    });
  const instead = allowed.length > 0 ? `; allowed: ${listed(allowed)}` : "";
  return new AtlasFailure("forbidden", `The policy's rule "${rule.name}" does not allow ${what}${instead}`, {
    policy: { rule: rule.name, allowed },
    retryable: false,
    ...more,
  });
}
