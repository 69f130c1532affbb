/** What docs/teams.md has people do, done: its issuer, its policy, its server, and two people who log in. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { demoTeam } from "../../scripts/demo-team.ts";
import { freePort } from "../support/http-server.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/teams.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "teams-page-"));

/** The block after a comment of that kind and name, without the indentation of the list that it stands in. */
function block(kind: string, name: string): string {
  const found = new RegExp(`^( *)<!-- ${kind}: ${name} -->\\n *\`\`\`\\w*\\n([\\s\\S]*?)^ *\`\`\`$`, "m").exec(page);
  if (!found) throw new Error(`The page has no ${kind} ${name}`);
  const [, indent = "", text = ""] = found;
  return text.replaceAll(new RegExp(`^${indent}`, "gm"), "");
}

type Child = ChildProcessByStdio<null, Readable, Readable>;
const children: Child[] = [];
const ports = new Map<string, number>();
/** The page's ports are fixed, and those of a test are free. */
const withPorts = (text: string) =>
  [...ports].reduce((changed, [written, free]) => changed.replaceAll(written, String(free)), text);

function start(args: readonly string[], env: Record<string, string> = {}): Child {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { NODE_NO_WARNINGS: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  return child;
}

beforeAll(async () => {
  for (const written of ["4000", "8080", "7777"]) ports.set(written, await freePort());
  for (const name of ["dist", "node_modules"]) symlinkSync(join(root, name), join(folder, name));
  for (const name of ["issuer.mjs", "policy.json", "person.mjs"])
    writeFileSync(join(folder, name), withPorts(block("file", name)));
  start(["issuer.mjs"]).stderr.resume();
  const issuer = `http://127.0.0.1:${ports.get("4000")}`;
  await vi.waitFor(
    async () => expect((await fetch(`${issuer}/.well-known/openid-configuration`)).status).toBe(200),
    15_000,
  );
  const [node, ...args] = withPorts(block("file", "serve.sh")).replaceAll("\\\n", " ").trim().split(/\s+/);
  expect(node).toBe("node");
  const server = start(args, {
    ATLAS_STREAMS_MCP_LISTEN: `127.0.0.1:${ports.get("8080")}`,
    ATLAS_STREAMS_MCP_OPS_LISTEN: "127.0.0.1:0",
  });
  await once(server.stderr, "data");
}, 60_000);
afterAll(async () => {
  for (const child of children) {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }
  rmSync(folder, { recursive: true });
});

/** Opens a page as a browser does, fills in its forms, and follows where they lead, to another origin at the last. */
async function logIn(first: string, person: string): Promise<void> {
  const cookies = new Map<string, string>();
  let url = new URL(first);
  const { origin } = url;
  let form: URLSearchParams | undefined;
  for (let steps = 0; steps < 20; steps++) {
    const response: Response = await fetch(url, {
      redirect: "manual",
      method: form ? "POST" : "GET",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      ...(form && { body: form }),
    });
    form = undefined;
    if (url.origin !== origin) return void (await response.text());
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location !== null) {
      url = new URL(location, url);
      continue;
    }
    const text = await response.text();
    const [, action] = /<form[^>]* action="([^"]+)"/.exec(text) ?? [];
    const [, prompt = ""] = /name="prompt" value="(\w+)"/.exec(text) ?? [];
    if (action === undefined) throw new Error(`A page without a form: ${response.status} ${text}`);
    url = new URL(action, url);
    form = new URLSearchParams({ prompt, ...(prompt === "login" && { login: person, password: "any" }) });
  }
  throw new Error("The pages lead on and on");
}

/** What the page's own client prints when that person logs in. */
async function printed(person: string): Promise<string> {
  const child = start(["person.mjs"]);
  let output = "";
  let errors = "";
  child.stderr.on("data", (piece) => {
    errors += piece;
  });
  const ended = once(child, "close");
  const address = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (piece) => {
      output += piece;
      const [, url] = /^Log in with a browser: (\S+)\n/m.exec(output) ?? [];
      if (url !== undefined) resolve(url);
    });
    void ended.then(() => reject(new Error(errors)));
  });
  await logIn(await address, person);
  await ended;
  expect(errors).toBe("");
  return output;
}

test("Ana may create, Ben may read, and the audit says so", { timeout: 60_000 }, async () => {
  const ana = await printed("ana");
  expect(ana).toMatch(/^Tools: .*\bcreate_stream_connection\b/m);
  expect(ana).toMatch(/^planned: /m);
  const ben = await printed("ben");
  expect(ben).toMatch(/^Tools: .*\blist_stream_connections\b/m);
  expect(ben).not.toMatch(/^Tools: .*\bcreate_/m);
  expect(ben).toContain(`\n${block("shown", "ben")}`);
  const lines = readFileSync(join(folder, "audit.jsonl"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ subject: "ben", errorKind: "forbidden" }]);
});

test("the page shows what the demo prints", { timeout: 60_000 }, async () => {
  const lines: string[] = [];
  await demoTeam((line) => lines.push(line));
  const [, shown = ""] = /<!-- demo -->\n```\n([\s\S]*?)```\n<!-- \/demo -->/.exec(page) ?? [];
  const comparable = (text: string) =>
    text
      .replaceAll(/"time":"[^"]*"/g, '"time":""')
      .replaceAll(/"requestId":"[^"]*"/g, '"requestId":""')
      .replaceAll(/"ms":\d+/g, '"ms":0')
      .trim();
  expect(comparable(shown), "docs/teams.md is stale: run `npm run demo:team -- --write`").toBe(
    comparable(lines.join("\n")),
  );
});
