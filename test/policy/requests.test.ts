/** What a request is: each that the server can send is known, with the tool that would do it alone. */
import { describe, expect, test } from "vitest";
import { segment } from "../../src/atlas/endpoints.ts";
import { knownRequest, writingTools } from "../../src/policy/requests.ts";
import { classOf } from "../../src/policy/rule.ts";
import { generatedTools } from "../../src/tools/generated/tools.ts";
import { openapi } from "../support/shared-atlas.ts";

const project = "/api/atlas/v2/groups/65f1c0de0a1b2c3d4e5f6071";
const methods = { get: "GET", post: "POST", patch: "PATCH", delete: "DELETE" } as const;

const described = Object.entries(openapi?.["paths"] ?? {}).flatMap(([path, operations]) =>
  Object.entries(methods).flatMap(([key, method]) =>
    Object.hasOwn(Object(operations), key) ? [[method, path] as const] : [],
  ),
);

describe.skipIf(!openapi)("of the API's own description", () => {
  test.each(described)("%s %s is known, and a write by its tool", (method, path) => {
    const known = knownRequest({ method, path: path.replace(/\{(\w+)\}/g, "x-$1") });
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => [name, `x-${name}`]);
    expect(known?.names).toEqual(Object.fromEntries(names));
    expect(known?.write !== undefined).toBe(method !== "GET");
  });
});

describe("a write", () => {
  test("is of the class that its tool has", () => {
    const offered = generatedTools.filter(({ name }) => writingTools().has(name));
    expect(offered.length).toBeGreaterThan(10);
    for (const tool of offered)
      expect([tool.name, classOf(tool)]).toEqual([tool.name, tool.name.startsWith("delete_") ? "delete" : "write"]);
  });

  test("is named by every tool that writes, but for the one that carries out a plan", () => {
    const writers = generatedTools.filter((tool) => classOf(tool) !== "read").map(({ name }) => name);
    expect(writers.filter((name) => !writingTools().has(name))).toEqual(["apply_stream_pipeline"]);
  });
});

describe("a path", () => {
  const workspaceOf = (name: string) =>
    knownRequest({ method: "GET", path: `${project}/streams/${segment(name)}` })?.names["tenantName"];

  test("names what it was made of", () => {
    for (const name of ["dev-1", "a b", "ü", "a+b", "a&b=c", "a*b", "a.b", "..."].slice(0, -1))
      expect(workspaceOf(name)).toBe(name);
  });

  test.each([
    "dev-1/../prod",
    "dev-1%2F..%2Fprod",
    "..",
    ".",
    "dev-1\\..\\prod",
    "dev-1?x",
    "dev-1#x",
    "dev-1;x",
    "dev-1\n",
    "x:stop",
    "%70rod",
  ])("is not known with the name %j, which something on the way could read as another", (name) => {
    expect(workspaceOf(name)).toBeUndefined();
  });

  test.each([
    ["GET", `${project}/streams/dev/../prod`],
    ["GET", `${project}//streams`],
    ["GET", `/api/atlas/v2/GROUPS/65f1c0de0a1b2c3d4e5f6071/streams`],
    ["GET", `/api/atlas/v2/groups/../groups/65f1c0de0a1b2c3d4e5f6071/streams`],
    ["GET", `${project}/streams/%zz`],
    ["GET", `${project}/streams/dev:downloadOperationalLogs:x`],
    ["POST", `${project}/streams/dev/processor/x:restart`],
    ["POST", `${project}/streams/dev/processor/a:stop:start`],
    ["POST", `${project}/users`],
    ["PATCH", `${project}`],
    ["DELETE", `${project}/clusters/Cluster0`],
  ] as const)("is not known: %s %s", (method, path) => {
    expect(knownRequest({ method, path })).toBeUndefined();
  });
});
