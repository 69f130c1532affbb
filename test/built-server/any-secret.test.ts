/** Whatever the secrets are, and whatever befalls the calls that bring them: none is in any byte that leaves. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { whyNoSecret } from "../../src/secrets/references.ts";
import { freshName, variablesFor } from "../support/against-sandbox.ts";
import { type Era, eras } from "../support/eras.ts";
import { type Fault, type Sandbox, startSandbox } from "../support/sandbox.ts";
import { type ServerProcess, startProcess } from "../support/server-process.ts";
import { encodings, readings } from "./readings.ts";
import {
  connectionWith,
  lifeOf,
  MOST_SECRETS,
  type Step,
  types,
  type Visible,
  type Written,
} from "./secret-session.ts";

/** None of these is in anything that the server, the sandbox or a test says. */
const RARE = ["ø", "Ж", "漢", "§", "¶", "🔑"];
const COMMON = [..."abcXYZ019\"'\\%+&=/?#@:;,.<>{}$~^ "];

/** Two rare characters make even a short secret one that is nowhere by chance. */
const short = fc
  .array(fc.oneof(fc.constantFrom(...RARE), fc.constantFrom(...COMMON)), { minLength: 4, maxLength: 12 })
  .filter((characters) => characters.filter((character) => RARE.includes(character)).length > 1)
  .map((characters) => characters.join(""));
const alphanumeric = (minLength: number, maxLength: number) =>
  fc
    .array(fc.constantFrom(..."ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789+/=_-"), {
      minLength,
      maxLength,
    })
    .map((characters) => characters.join(""));
const long = alphanumeric(12, 200);
const key = fc
  .array(alphanumeric(64, 64), { minLength: 2, maxLength: 4 })
  .map((lines) => ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----"].join("\n"));
const secretText = fc
  .oneof({ weight: 4, arbitrary: short }, { weight: 2, arbitrary: long }, { weight: 1, arbitrary: key })
  .filter((text) => text === text.trim() && text.length > 3 && whyNoSecret(text) === undefined);

const faults = ["garbage-body", "half-body", "reset-after-acting", "reset-before-read", "echo"] as const;

const life = fc.record({
  type: fc.constantFrom(...types),
  secrets: fc.array(fc.record({ text: secretText, inFile: fc.boolean() }), {
    minLength: 2 * MOST_SECRETS,
    maxLength: 2 * MOST_SECRETS,
  }),
  /** What befalls the requests of each call. */
  weather: fc.array(
    fc.oneof({ weight: 5, arbitrary: fc.constant("fine") }, { weight: 3, arbitrary: fc.constantFrom(...faults) }),
    { minLength: 20, maxLength: 20 },
  ),
  echo: fc.record({
    status: fc.constantFrom(200, 400, 403, 404, 409, 500, 502),
    isPage: fc.boolean(),
  }),
  times: fc.constantFrom(1, 3),
});
type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

/** References that may stand where they are shown: of 8 characters or more, which is what is masked there. */
const visible = {
  ATLAS_STREAMS_SECRET_USER: "ø-user-Ж",
  ATLAS_STREAMS_SECRET_PATH: "p4th/Qz81",
  ATLAS_STREAMS_SECRET_SETTING: "søtting-§-1",
};
const referring: Visible = {
  username: "${env:ATLAS_STREAMS_SECRET_USER}",
  path: "${env:ATLAS_STREAMS_SECRET_PATH}",
  setting: "id-${env:ATLAS_STREAMS_SECRET_SETTING}",
};
const resolved: Visible = {
  username: visible.ATLAS_STREAMS_SECRET_USER,
  path: visible.ATLAS_STREAMS_SECRET_PATH,
  setting: `id-${visible.ATLAS_STREAMS_SECRET_SETTING}`,
};

const FRAME = /^-----(BEGIN|END) /;
/** The parts of a secret that must not be seen: each line of a key is as good as the whole. */
const needlesOf = (secret: string) =>
  secret.split("\n").flatMap((line) => (FRAME.test(line) ? [] : [line, encodeURIComponent(line)]));

/** The connection that is sent in a call, where it sends one. */
function bodyIn(step: Step | undefined): unknown {
  const connection = step?.args["connection"];
  return typeof connection === "string" ? JSON.parse(connection) : connection;
}

/** What Atlas or a proxy says when it repeats what it was sent, and what it knows of what references reach. */
function echoOf(sent: unknown, named: JsonObject, { status, isPage }: Life["echo"]): Fault {
  const plain = JSON.stringify(sent);
  const all = encodings(plain).join(" | ");
  const longer = plain.match(/[A-Za-z0-9+/=_-]{12,}/g)?.join(" ") ?? "";
  if (isPage) return { kind: "answer", status, body: `<html><p>${all}</p></html>`, contentType: "text/html" };
  const said = {
    error: status,
    errorCode: plain,
    reason: plain,
    detail: `Cannot read ${all}`,
    parameters: [plain, { [plain]: [plain] }],
    badRequestDetail: { fields: [{ field: plain, description: plain }] },
  };
  const shown = { ...named, state: "READY", region: longer, note: all, [plain]: { [plain]: plain } };
  return { kind: "answer", status, body: status === 200 ? { ...shown, results: [shown] } : said };
}

// They wait more than they work.
describe.concurrent.each(eras)("in the $name era, of any connection's secrets", (era: Era) => {
  let folder: string;
  let sandbox: Sandbox;
  let server: ServerProcess;
  /** How much of the output has been looked through. */
  let seen = { stdout: 0, stderr: 0 };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "any-secret-test-"));
    sandbox = await startSandbox();
    server = startProcess({
      env: {
        ...variablesFor(sandbox, "service account"),
        ...visible,
        ATLAS_STREAMS_MCP_SECRET_DIR: folder,
        ATLAS_STREAMS_MCP_LOG: "debug",
        ATLAS_STREAMS_MCP_TIMEOUT_MS: "500",
        ATLAS_STREAMS_MCP_CHECK_MS: "50",
      },
    });
    await era.open(server);
    if (era.name === "2025") await server.ask("logging/setLevel", { level: "debug" });
  });
  afterEach(() => sandbox.faults.clear());
  afterAll(async () => {
    server.child.stdin.end();
    await Promise.all([server.ended, sandbox.close()]);
    await rm(folder, { recursive: true });
  });

  /** Those of the needles that somebody can read who has seen what left since the last look. */
  function visibleOf(needles: readonly string[]): string[] {
    const [stdout, stderr] = [server.stdout(), server.stderr()];
    const read = readings(stdout.slice(seen.stdout) + stderr.slice(seen.stderr));
    seen = { stdout: stdout.length, stderr: stderr.length };
    // With what stands before it, to be found again.
    return needles.flatMap((needle) => {
      const at = read.indexOf(needle);
      return at < 0 ? [] : [read.slice(Math.max(0, at - 80), at + needle.length)];
    });
  }

  async function live({ type, secrets, weather, echo, times }: Life): Promise<void> {
    const values = secrets.map(({ text }) => ({ inText: text, inUrl: encodeURIComponent(text) }));
    const given = await Promise.all(
      secrets.map(async ({ text, inFile }, index) => {
        if (!inFile) return { inText: text, inUrl: encodeURIComponent(text) };
        // The same files in each life: they change while the server runs.
        const name = `${index}`;
        await writeFile(join(folder, name), text);
        await writeFile(join(folder, `${name}-url`), encodeURIComponent(text));
        return { inText: `\${file:${name}}`, inUrl: `\${file:${name}-url}` };
      }),
    );
    const named = { type, name: freshName() };
    const story = (written: readonly Written[], visible: Visible) =>
      lifeOf(
        connectionWith(named, written.slice(0, MOST_SECRETS), visible),
        connectionWith(named, written.slice(MOST_SECRETS), visible),
      );
    const needles = [...secrets.map(({ text }) => text), ...Object.values(visible)].flatMap(needlesOf);
    const reachable = [...secrets.flatMap(({ text, inFile }) => (inFile ? [text] : [])), ...Object.values(visible)];
    const sent = story(values, resolved);

    for (const [index, { tool, args }] of story(given, referring).entries()) {
      const fault = weather[index] ?? "fine";
      sandbox.faults.clear();
      if (fault !== "fine")
        sandbox.faults.add({
          times,
          path: /connections|clusters|cloudProviderAccess/,
          // Whether something is gone is asked for once a second.
          ...(tool.startsWith("delete") && { method: "DELETE" }),
          fault: fault === "echo" ? echoOf([bodyIn(sent[index]), reachable], named, echo) : { kind: fault },
        });
      const meta = { progressToken: index, "io.modelcontextprotocol/logLevel": "debug" };
      await server.ask("tools/call", era.params({ name: tool, arguments: args }, meta));
      expect({ call: `${index} ${tool}`, visible: visibleOf(needles) }).toEqual({
        call: `${index} ${tool}`,
        visible: [],
      });
    }
    expect(server.messages().length).toBeGreaterThan(0);
  }

  it("none can be read by whoever reads the server's output and its log", async () => {
    await fc.assert(fc.asyncProperty(life, live), { numRuns: 5, interruptAfterTimeLimit: 12_000, endOnFailure: true });
  }, 60_000);
});
