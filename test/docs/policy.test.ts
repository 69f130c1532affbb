/** The examples of docs/policy.md: each can be read, and does what the text says of it. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Caller, type Policy, readPolicy } from "../../src/policy/policy.ts";
import { allowedTools, classOf, type Rule } from "../../src/policy/rule.ts";
import { generatedTools } from "../../src/tools/generated/tools.ts";

const text = readFileSync(new URL("../../docs/policy.md", import.meta.url), "utf8");
const examples = new Map(
  [...text.matchAll(/<!-- example: ([^>]+) -->\n *```json\n([\s\S]*?)```/g)].map(([, name = "", json = ""]) => [
    name,
    json,
  ]),
);
const env = Object.fromEntries(
  ["PAYMENTS_CLIENT_ID", "PAYMENTS_CLIENT_SECRET", "SEARCH_CLIENT_ID", "SEARCH_CLIENT_SECRET"].map((name) => [
    name,
    `of ${name}`,
  ]),
);

function example(name: string): Policy {
  return readPolicy(examples.get(name) ?? "", { tools: generatedTools, env });
}
function ruleOf(policy: Policy, caller?: Caller): Rule {
  const rule = policy.ruleFor(caller);
  if (!rule) throw new Error("There is no rule");
  return rule;
}
const classes = (rule: Rule) => new Set(allowedTools(generatedTools, rule).map(classOf));

test("are four", () => {
  expect([...examples.keys()]).toEqual(["read only", "development only", "no deletions", "two teams"]);
});

test("read only: no tool that writes", () => {
  expect(classes(ruleOf(example("read only")))).toEqual(new Set(["read"]));
});

test("development only: all tools, in few places, on small tiers", () => {
  const rule = ruleOf(example("development only"));
  expect(allowedTools(generatedTools, rule)).toHaveLength(generatedTools.length);
  expect(rule).toMatchObject({
    workspaces: ["dev-*"],
    connections: { hosts: ["*.dev.corp.example"] },
    tiers: ["SP2", "SP5"],
  });
});

test("no deletions: everything but those", () => {
  const rule = ruleOf(example("no deletions"));
  const left = generatedTools.filter((tool) => !allowedTools(generatedTools, rule).includes(tool));
  expect(left.length).toBeGreaterThan(0);
  expect(left.every(({ name }) => name.startsWith("delete_"))).toBe(true);
  expect(classes(rule)).toEqual(new Set(["read", "write"]));
});

test("two teams: each its own, and nobody else anything", () => {
  const policy = example("two teams");
  const payments = ruleOf(policy, { subject: "ann", groups: ["asp-payments"] });
  const search = ruleOf(policy, { subject: "ops@corp.example", groups: [] });
  expect([payments, search].map(({ name, credential, secrets }) => [name, credential?.name, secrets?.env])).toEqual([
    ["payments", "payments", ["PAYMENTS_KAFKA_*"]],
    ["search", "search", undefined],
  ]);
  expect(classes(payments)).toEqual(new Set(["read", "write"]));
  expect(policy.ruleFor({ subject: "eve", groups: ["asp"] })).toBeUndefined();
  expect(policy.ruleFor(undefined)).toBeUndefined();
});

test("the line of the audit is one", () => {
  const [, line = ""] = /```json\n(\{"time".*)\n```/.exec(text) ?? [];
  expect(Object.keys(JSON.parse(line))).toEqual([
    ...[
      "time",
      "requestId",
      "traceId",
      "phase",
      "subject",
      "rule",
      "credential",
      "tool",
      "groupId",
      "tenantName",
      "name",
    ],
    ...["dryRun", "outcome", "requests", "ms"],
  ]);
});
