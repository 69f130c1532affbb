/** What `deploy/` says is what the server knows, and what an image and a cluster can use. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readCommandLine } from "../../src/cli/command-line.ts";
import { serveVariables, variables } from "../../src/config/variables.ts";
import { readServeSettings } from "../../src/http-server/settings.ts";
import { isObject } from "../../src/json.ts";
import { readPolicy } from "../../src/policy/policy.ts";
import { generatedTools } from "../../src/tools/generated/tools.ts";
import { containerEnv, manifest, manifestText, mountedFiles, ofKind, readManifest } from "./manifest.ts";
import { readYaml } from "./yaml.ts";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "deploy-"));
afterAll(() => rmSync(folder, { recursive: true }));

const [pods] = ofKind("Deployment");
if (!pods) throw new Error("There is no Deployment");
const { spec } = pods.spec.template;
const [container] = spec.containers;

describe("the Kubernetes example", () => {
  test("is what the API of Kubernetes takes, and a field that it does not have is found", () => {
    expect(manifest.map(({ kind }) => kind)).toEqual([
      ...["ConfigMap", "ConfigMap", "Secret", "Secret", "Deployment", "Service", "PodDisruptionBudget"],
    ]);
    for (const [right, wrong] of [
      ["readinessProbe:", "readynessProbe:"],
      ["replicas: 3", 'replicas: "3"'],
      ["apiVersion: apps/v1", "apiVersion: apps/v2"],
      ["readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true"],
    ] as const) {
      expect(manifestText).toContain(right);
      expect(() => readManifest(manifestText.replace(right, wrong))).toThrow();
    }
  });

  test("runs three replicas without rights, of which two are always there", () => {
    expect(pods.spec.replicas).toBe(3);
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(container.resources.limits).toHaveProperty("memory");
    expect(ofKind("PodDisruptionBudget")[0]?.spec.minAvailable).toBe(2);
  });

  test("its parts find one another", () => {
    const { labels } = pods.spec.template.metadata;
    const selectors = [
      pods.spec.selector.matchLabels,
      ...spec.topologySpreadConstraints.map(({ labelSelector }) => labelSelector.matchLabels),
      ...ofKind("Service").map((service) => service.spec.selector),
      ...ofKind("PodDisruptionBudget").map((budget) => budget.spec.selector.matchLabels),
    ];
    for (const selector of selectors) expect(labels).toMatchObject(selector);
    const ports = container.ports.map(({ name }) => name);
    for (const { targetPort } of ofKind("Service").flatMap((service) => service.spec.ports))
      expect(ports).toContain(targetPort);
    for (const { httpGet } of [container.startupProbe, container.livenessProbe, container.readinessProbe])
      expect(httpGet.port).toBe("ops");
    expect(ofKind("Service").flatMap((service) => service.spec.ports.map(({ targetPort }) => targetPort))).toEqual([
      "mcp",
    ]);
  });

  test("says nothing that the server does not know, and listens where the ports are", () => {
    const { serve, variables: told } = readCommandLine(container.args);
    expect(serve).toBe(true);
    const env = containerEnv();
    const known: string[] = [...variables, ...serveVariables].map(({ name }) => name);
    expect(Object.keys(env).filter((name) => !known.includes(name))).toEqual([]);
    const settings = readServeSettings({ ...env, ...told }, true);
    const portOf = (name: string) => container.ports.find((each) => each.name === name)?.containerPort;
    expect(settings.listen).toEqual({ host: "0.0.0.0", port: portOf("mcp") });
    expect(settings.opsListen).toEqual({ host: "0.0.0.0", port: portOf("ops") });
    expect(settings.issuer).toMatchObject({ audiences: [env["ATLAS_STREAMS_MCP_PUBLIC_URL"]] });
  });

  test("mounts a policy that can be used, with the files that it names", () => {
    for (const [path, files] of mountedFiles()) {
      mkdirSync(join(folder, path), { recursive: true });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, path, name), text);
    }
    const path = container.args[container.args.indexOf("--policy") + 1] ?? "";
    const text = readFileSync(join(folder, path), "utf8").replaceAll("/run/secrets/", `${folder}/run/secrets/`);
    const { rules } = readPolicy(text, { tools: generatedTools, env: {} });
    expect(rules.map(({ name }) => name)).toEqual(["payments", "readers"]);
    for (const { who, credential, secrets } of rules) {
      expect(who?.groups).toHaveLength(1);
      expect(credential?.settings).toMatchObject({ kind: "service-account", clientId: "mdb_sa_id_example" });
      if (secrets?.dir !== undefined) expect(existsSync(secrets.dir)).toBe(true);
    }
  });

  test("leaves the server the time that it takes to end", () => {
    const source = readFileSync(join(root, "src/http-server/serve.ts"), "utf8");
    const graces = [...source.matchAll(/^const (?:CALLS|WRITES)_GRACE_MS = ([\d_]+);/gm)].map(
      ([, milliseconds = ""]) => Number(milliseconds.replaceAll("_", "")) / 1000,
    );
    expect(graces).toHaveLength(2);
    const needed = graces.reduce((sum, seconds) => sum + seconds, container.lifecycle.preStop.sleep.seconds);
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(needed);
  });
});

describe("the image", () => {
  const instructions = readFileSync(join(root, "deploy/Dockerfile"), "utf8")
    .replaceAll("\\\n", " ")
    .split("\n")
    .flatMap((line) => {
      const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
      return name === undefined || rest === undefined ? [] : [{ name, rest }];
    });
  const last = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));
  const only = (name: string) => last.filter((each) => each.name === name).map(({ rest }) => rest);
  const listIn = (text = ""): string[] => {
    const value: unknown = JSON.parse(text.slice(text.indexOf("[")));
    if (!Array.isArray(value)) throw new Error(`No list: ${text}`);
    return value.map(String);
  };

  test("is not root, and needs no shell", () => {
    const [user = ""] = only("USER");
    expect(Number.parseInt(user, 10)).toBe(spec.securityContext.runAsUser);
    expect(only("FROM")[0]).toMatch(/^gcr\.io\/distroless\/nodejs\d+-debian\d+:nonroot$/);
    // What stands in brackets runs without a shell.
    for (const name of ["ENTRYPOINT", "CMD", "HEALTHCHECK"]) {
      expect(only(name)).toHaveLength(1);
      expect(listIn(only(name)[0]).length).toBeGreaterThan(0);
    }
    expect(only("RUN")).toEqual([]);
    expect(readCommandLine(listIn(only("CMD")[0])).serve).toBe(true);
  });

  test("is built from what is there, on the Node that it runs on", () => {
    const [built] = instructions;
    expect(built?.rest).toMatch(/^node:(\d+)-\S+ AS build$/);
    const majors = [built?.rest, only("FROM")[0]].map((from) => /node(?:js)?:?(\d+)/.exec(from ?? "")?.[1]);
    expect(new Set(majors).size).toBe(1);
    const ignored = readFileSync(join(root, "deploy/Dockerfile.dockerignore"), "utf8").trim().split("\n");
    expect(ignored[0]).toBe("*");
    for (const line of ignored.slice(1)) expect([line, existsSync(join(root, line.slice(1)))]).toEqual([line, true]);
  });
});

describe("the reader of YAML", () => {
  test("reads what manifests are made of", () => {
    const text = [
      "# A comment",
      'a: { b: "0", c: [x, 1, { d: true }] }',
      "list:",
      "  - one",
      "  - name: two",
      "    mode: 0440",
      "    inner:",
      "      - x: y",
      "text: |",
      "  first",
      "    second: # no comment",
      "",
      "  last",
      "---",
      "next: true",
    ].join("\n");
    expect(readYaml(text)).toEqual([
      {
        a: { b: "0", c: ["x", 1, { d: true }] },
        list: ["one", { name: "two", mode: 288, inner: [{ x: "y" }] }],
        text: "first\n  second: # no comment\n\nlast\n",
      },
      { next: true },
    ]);
  });

  test.each([
    ["a key twice", "a: 1\na: 2"],
    ["a tab", "a:\n\tb: 1"],
    ["a line that is deeper than its neighbours", "a: 1\n  b: 2"],
    ["an anchor", "a: &b c"],
    ["a scalar that could be read in two ways", "a: b: c"],
    ["a key without a value", "a:"],
    ["a folded block", "a: >\n  b"],
    ["no map", "- a"],
  ])("refuses %s", (_, text) => {
    expect(() => readYaml(text).every(isObject)).toThrow();
  });
});
