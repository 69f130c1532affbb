/** The file of a policy: what it may hold, and how everything that is wrong with it is told. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, PolicyError, readPolicy } from "../../src/policy/policy.ts";
import { noteLine } from "../../src/schema/problems.ts";
import { generatedTools } from "../../src/tools/generated/tools.ts";

const project = "65f1c0de0a1b2c3d4e5f6071";
const rule = { name: "one", projects: [project], tools: { allow: ["read"] } };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "policy-test-"));
  writeFileSync(join(folder, "pay"), "\uFEFFfrom-a-file\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

const env = { PAY_CLIENT_ID: "mdb_sa_id_pay", PAY_SECRET: "from-a-variable", BLANK: " " };
const read = (policy: unknown, text = JSON.stringify(policy)) =>
  readPolicy(text, { tools: generatedTools, env, folder });

function faults(policy: unknown, text?: string): string[] {
  try {
    read(policy, text);
  } catch (error) {
    if (error instanceof PolicyError) return error.faults.map(noteLine);
    throw error;
  }
  return [];
}

/** The example of the documentation, with all that a policy can name. */
const whole = () => ({
  version: 1,
  credentials: { pay: { clientId: "${env:PAY_CLIENT_ID}", clientSecret: "${file:pay}" } },
  rules: [
    {
      name: "payments",
      who: { groups: ["asp-pay"], subjects: ["ann"] },
      credential: "pay",
      secrets: { env: ["PAY_KAFKA_*"], dir: "secrets" },
      projects: [project.toUpperCase()],
      workspaces: ["dev-*"],
      tools: { allow: ["read", "create_*", "apply_stream_pipeline"], deny: ["delete_*"] },
      connections: { types: ["Kafka", "Https"], hosts: ["*.corp.example", "*.corp.example:9092"] },
      tiers: ["SP2", "SP5"],
    },
  ],
});

describe("a policy", () => {
  test("is held as it is written, with what its references read", () => {
    const { rules, operator } = read(whole());
    expect(operator).toEqual({
      env: ["PAY_CLIENT_ID"],
      files: [join(folder, "pay")],
      values: ["from-a-file", "mdb_sa_id_pay"],
    });
    expect(rules).toEqual([
      {
        name: "payments",
        who: { groups: ["asp-pay"], subjects: ["ann"] },
        credential: {
          name: "pay",
          settings: { kind: "service-account", clientId: "mdb_sa_id_pay", clientSecret: "from-a-file" },
        },
        secrets: { env: ["PAY_KAFKA_*"], dir: join(folder, "secrets") },
        projects: [project],
        workspaces: ["dev-*"],
        tools: { allow: ["read", "create_*", "apply_stream_pipeline"], deny: ["delete_*"] },
        connections: { types: ["Kafka", "Https"], hosts: ["*.corp.example", "*.corp.example:9092"] },
        tiers: ["SP2", "SP5"],
        operator,
        gate: expect.any(Function),
      },
    ]);
  });

  test("needs no more than a name, projects and tools", () => {
    expect(faults({ version: 1, rules: [rule] })).toEqual([]);
    expect(faults({ $schema: "./policy.schema.json", version: 1, rules: [{ ...rule, projects: ["*"] }] })).toEqual([]);
  });

  test("is for the first whose `who` fits, by any of its entries", () => {
    const of = (name: string, who?: object) => ({ ...rule, name, ...(who && { who }) });
    const policy = read({
      version: 1,
      rules: [
        of("people", { subjects: ["ann"] }),
        of("team", { groups: ["a", "b"] }),
        of("both", { groups: ["c"], subjects: ["bob"] }),
        of("stdio"),
        of("late"),
      ],
    });
    const named = (caller?: Caller) => policy.ruleFor(caller)?.name;
    expect(named({ subject: "ann", groups: ["c"] })).toBe("people");
    expect(named({ subject: "x", groups: ["z", "b"] })).toBe("team");
    expect(named({ subject: "bob", groups: [] })).toBe("both");
    expect(named({ subject: "c", groups: [] })).toBeUndefined();
    expect(named()).toBe("stdio");
    expect(read({ version: 1, rules: [of("team", { groups: ["a"] })] }).ruleFor(undefined)).toBeUndefined();
  });

  test("tells all of its faults at once, each with its path and the nearest name", () => {
    const policy = {
      version: 2,
      credentials: { pay: { clientId: "${env:NOBODY}", clientSecret: "${file:nothing}", clientSecrets: "x" } },
      rule: [],
      rules: [
        { name: "a", tools: { allow: ["raed", "delete_steam_*", "*_connection"] } },
        {
          name: "a",
          who: { groups: [] },
          credential: "pai",
          secrets: { dir: "${env:PAY_SECRET}" },
          projects: ["prod", project],
          workspaces: ["*-dev"],
          tools: { allow: [], deny: ["write"] },
          connections: { types: ["Kafak"], hosts: ["https://corp.example", "k*.corp.example", "h:99999"] },
          tiers: ["SP7"],
        },
      ],
    };
    const told = faults(policy);
    for (const line of [
      /^version: must be 1$/,
      /^rule: is not a field of a policy; did you mean rules\?/,
      /^credentials\.pay\.clientSecrets: is not a field of pay; did you mean clientSecret\?/,
      /^credentials\.pay\.clientId: \$\{env:NOBODY\} is not set, or blank$/,
      /^credentials\.pay\.clientSecret: \$\{file:nothing\} cannot be read/,
      /^rules\[0\]\.projects: is required/,
      /^rules\[0\]\.tools\.allow\[0\]: "raed" fits no tool; did you mean read\?$/,
      /^rules\[0\]\.tools\.allow\[1\]: "delete_steam_\*" fits no tool; did you mean delete_stream_\*\?$/,
      /^rules\[0\]\.tools\.allow\[2\]: can have \* only at its end/,
      /^rules\[1\]\.name: is the name of an earlier rule$/,
      /^rules\[1\]\.who: names nobody/,
      /^rules\[1\]\.credential: names none of credentials: "pai"; did you mean pay\?/,
      /^rules\[1\]\.secrets\.dir: holds a reference/,
      /^rules\[1\]\.projects\[0\]: must be an id/,
      /^rules\[1\]\.workspaces\[0\]: can have \* only at its end/,
      /^rules\[1\]\.tools\.allow: must not be empty/,
      /^rules\[1\]\.connections\.types\[0\]: must be one of .*did you mean "Kafka"\?/,
      /^rules\[1\]\.connections\.hosts\[0\]: must be a host/,
      /^rules\[1\]\.connections\.hosts\[1\]: must be a host/,
      /^rules\[1\]\.connections\.hosts\[2\]: must be a host/,
      /^rules\[1\]\.tiers\[0\]: must be one of .*/,
    ])
      expect(told).toContainEqual(expect.stringMatching(line));
    expect(told).toHaveLength(21);
  });

  test("in which a field stands twice is refused: JSON would take the last", () => {
    const text = JSON.stringify({ version: 1, rules: [rule, { ...rule, name: "two", tools: { allow: ["*"] } }] });
    const twice = text
      .replace('"allow":["*"]', '"allow":["*"],"deny":["delete"],"d\\u0065ny" : []')
      .replace('"version"', '"version":2,"version"');
    expect(faults(undefined, twice)).toEqual([
      "version: stands there twice",
      "rules[1].tools.deny: stands there twice",
    ]);
  });

  test("that calls a credential what is no name is refused", () => {
    const text = `{"version":1,"credentials":{"__proto__":{"clientId":"a","clientSecret":"b"}},"rules":[${JSON.stringify({ ...rule, credential: "__proto__" })}]}`;
    expect(faults(undefined, text)).toEqual(["credentials.__proto__: cannot be a name"]);
  });

  test("that is no JSON, or nothing of it, is told without a word of what it holds", () => {
    expect(faults(undefined, '{"clientSecret": "hunter2" oops')).toEqual([
      expect.stringMatching(/^policy: is no valid JSON(?!.*hunter2)/),
    ]);
    expect(faults([])).toEqual([expect.stringMatching(/^policy: must be an object/)]);
    expect(faults({})).toEqual([expect.stringMatching(/^version: /), expect.stringMatching(/^rules: is required/)]);
  });

  test("is read or refused with faults, whatever stands in it", () => {
    const word = fc.constantFrom(
      "read",
      "*",
      "dev-*",
      project,
      "Kafka",
      "*.corp.example",
      "SP2",
      "x",
      "${env:PAY_SECRET}",
    );
    const leaf = fc.oneof(word, fc.jsonValue({ maxDepth: 1 }));
    const list = fc.oneof(fc.array(word, { maxLength: 3 }), leaf);
    const drawn = fc.record(
      {
        version: fc.constantFrom<unknown>(1, 1, 1, "1", null),
        credentials: fc.oneof(fc.dictionary(word, fc.record({ clientId: leaf, clientSecret: leaf })), leaf),
        rules: fc.oneof(
          fc.array(
            fc.record(
              {
                name: leaf,
                who: fc.oneof(fc.record({ groups: list, subjects: list }, { requiredKeys: [] }), leaf),
                credential: leaf,
                secrets: fc.record({ env: list, dir: leaf }, { requiredKeys: [] }),
                projects: list,
                workspaces: list,
                tools: fc.record({ allow: list, deny: list }, { requiredKeys: [] }),
                connections: fc.record({ types: list, hosts: list }, { requiredKeys: [] }),
                tiers: list,
              },
              { requiredKeys: [] },
            ),
            { maxLength: 2 },
          ),
          leaf,
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(drawn, fc.jsonValue()), (policy) => {
        const told = faults(policy);
        // Nothing of a credential is repeated.
        expect(told.join()).not.toContain("from-a-variable");
        if (told.length === 0) expect(read(policy).rules.length).toBeGreaterThan(0);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void faults(undefined, text)));
  });
});
