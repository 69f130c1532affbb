/** A secret that is an ordinary word changes nothing of what the server says: no key, no state, no sentence, no command. */
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { isObject, type JsonObject, mapStrings, stringsIn } from "../../src/json.ts";
import { variablesFor } from "../support/against-sandbox.ts";
import { type Era, eras, resultOf } from "../support/eras.ts";
import { type Fault, type Sandbox, startSandbox } from "../support/sandbox.ts";
import { type ServerProcess, startProcess } from "../support/server-process.ts";
import { connectionWith, lifeOf, MOST_SECRETS, types, type Written } from "./secret-session.ts";

/** Words of results, of connections, of HTTP, of shells and Terraform, and of the protocol. */
const words = [
  ..."data user name type state empty true false error READY PENDING FAILED DELETING created planned failed outcome".split(
    " ",
  ),
  ..."summary warnings orders shop bob page earliest Kafka Https bearing password username headers config security".split(
    " ",
  ),
  ..."POST PATCH GET HTTP https application json charset curl bash echo body printf escape export exit resource".split(
    " ",
  ),
  ..."variable string sensitive jsonrpc result content text isError message level info debug notifications".split(" "),
  ..."connection connections networking".split(" "),
];
/** So long that the last net takes them out of sentences, too, though not out of keys. */
const longWords = ["authentication", "bootstrapServers", "structuredContent", "schemaRegistryUrls", "progressToken"];
const LONG = 12;

const trouble: Readonly<Record<string, Fault>> = {
  garbage: { kind: "garbage-body" },
  half: { kind: "half-body" },
  reset: { kind: "reset-after-acting" },
  refused: {
    kind: "answer",
    status: 400,
    body: { error: 400, errorCode: "INVALID", detail: `Cannot use the ${words.join(" ")}`, reason: "Bad Request" },
  },
  page: { kind: "answer", status: 502, body: `<p>${words.join(" ")}</p>`, contentType: "text/html" },
};

const story = fc.record({
  type: fc.constantFrom(...types),
  secrets: fc.array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...words) }, fc.constantFrom(...longWords)), {
    minLength: 2 * MOST_SECRETS,
    maxLength: 2 * MOST_SECRETS,
  }),
  weather: fc.array(fc.option(fc.constantFrom(...Object.keys(trouble)), { freq: 2 }), { minLength: 20, maxLength: 20 }),
});
type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

/** A secret that looks like nothing else; each word has its own. */
const unremarkable = (word: string) => `Zq${Buffer.from(word).toString("hex").slice(-12)}`;
const written = (text: string): Written => ({ inText: text, inUrl: encodeURIComponent(text) });
const visible = { username: "dana", path: "v1", setting: "reader" };

/** A server, and the Atlas that it is set on. */
interface Side {
  sandbox: Sandbox;
  server: ServerProcess;
}

async function startSide(era: Era, reachable: readonly string[]): Promise<Side> {
  // Two stories are compared, so nothing may depend on when something is there or gone.
  const sandbox = await startSandbox({ oddities: { hiddenMs: 0, deletingMs: 0 } });
  const server = startProcess({
    env: {
      ...variablesFor(sandbox, "service account"),
      ...Object.fromEntries(reachable.map((value, index) => [`ATLAS_STREAMS_SECRET_${index}`, value])),
      ATLAS_STREAMS_MCP_LOG: "debug",
      ATLAS_STREAMS_MCP_TIMEOUT_MS: "10000",
      ATLAS_STREAMS_MCP_CHECK_MS: "50",
    },
  });
  await era.open(server);
  return { sandbox, server };
}

async function call({ server, sandbox }: Side, era: Era, name: string, args: JsonObject): Promise<JsonObject> {
  const result = resultOf(await server.ask("tools/call", era.params({ name, arguments: args })));
  const { structuredContent, content } = result;
  if (!isObject(structuredContent) || !Array.isArray(content)) throw new Error("No structured content");
  expect(JSON.parse(content[0].text)).toEqual(structuredContent);
  const same = mapStrings(structuredContent, (text, path) =>
    path.at(-1) === "requestId" || path.at(-1) === "id"
      ? "some id"
      : text.replaceAll(sandbox.url, "https://atlas.example"),
  );
  return isObject(same) ? same : {};
}

/** What the server itself says; Atlas's words of a failure are free text, in which short secrets are masked too. */
function ownWordsOf({ equivalents, terraform, summary, warnings, error, ...rest }: JsonObject): JsonObject {
  const { detail, reason, errorCode, parameters, ...own } = isObject(error) ? error : {};
  const repeatsAtlas = /Atlas answered/.test(JSON.stringify([summary, warnings]));
  return { ...rest, ...own, ...(!repeatsAtlas && { summary, warnings }) };
}

/** The keys and the kinds of what is in a value. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (!isObject(value)) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

describe.each(eras)("in the $name era, secrets that are ordinary words", (era: Era) => {
  let plain: Side;
  let wordy: Side;
  let names = 0;

  beforeAll(async () => {
    const reachable = ["data", "user", "READY", "POST", "orders", "type", "outcome", "connections"];
    [plain, wordy] = await Promise.all([startSide(era, reachable.map(unremarkable)), startSide(era, reachable)]);
  });
  afterEach(() => {
    for (const { sandbox } of [plain, wordy]) sandbox.faults.clear();
  });
  afterAll(async () => {
    for (const { server } of [plain, wordy]) server.child.stdin.end();
    await Promise.all([plain, wordy].flatMap(({ server, sandbox }) => [server.ended, sandbox.close()]));
  });

  async function live({ type, secrets, weather }: Story): Promise<void> {
    const named = { type, name: `w${++names}` };
    const steps = (change: (word: string) => string) => {
      const all = secrets.map((word) => written(change(word)));
      const [first, second] = [all.slice(0, MOST_SECRETS), all.slice(MOST_SECRETS)];
      return lifeOf(connectionWith(named, first, visible), connectionWith(named, second, visible));
    };
    const shown = stringsIn(connectionWith(named, Array(MOST_SECRETS).fill(written("")), visible)).map(
      ({ text }) => text,
    );
    const isElsewhere = secrets.some((word) => shown.some((text) => text.includes(word)));
    const isLong = secrets.some((word) => word.length >= LONG);
    const unremarkably = steps(unremarkable);
    for (const [index, { tool, args }] of steps((word) => word).entries()) {
      const fault = trouble[weather[index] ?? ""];
      for (const { sandbox } of [plain, wordy]) {
        sandbox.faults.clear();
        if (fault)
          sandbox.faults.add({ path: /connections/, ...(tool.startsWith("delete") && { method: "DELETE" }), fault });
      }
      const [expected, result] = await Promise.all([
        call(plain, era, tool, unremarkably[index]?.args ?? {}),
        call(wordy, era, tool, args),
      ]);
      expect(shapeOf(result), tool).toEqual(shapeOf(expected));
      const plainly = ({ outcome, error, connection }: JsonObject) => ({
        outcome,
        kind: isObject(error) && error["kind"],
        state: isObject(connection) && connection["state"],
      });
      expect(plainly(result), tool).toEqual(plainly(expected));
      if (isLong) continue;
      expect(ownWordsOf(result), tool).toEqual(ownWordsOf(expected));
      const { equivalents, terraform } = result;
      if (isObject(equivalents)) execFileSync("bash", ["-n"], { input: String(equivalents["curl"]) });
      if (!isElsewhere)
        expect([equivalents, terraform], tool).toEqual([expected["equivalents"], expected["terraform"]]);
    }
    expect(wordy.server.messages().length).toBeGreaterThan(0);
    for (const line of wordy.server.stderr().split("\n").filter(Boolean))
      expect(Object.keys(JSON.parse(line)).slice(0, 3)).toEqual(["time", "level", "message"]);
  }

  it.each(["data", "user", "READY", "POST", "orders", "password", "authentication"])(
    "such as %s leave every result as it is with a secret that looks like nothing else",
    (word) => live({ type: "Kafka", secrets: Array(2 * MOST_SECRETS).fill(word), weather: [] }),
  );

  it("whichever they are leave every result as it is with secrets that look like nothing else", async () => {
    await fc.assert(fc.asyncProperty(story, live), {
      numRuns: 5,
      interruptAfterTimeLimit: 12_000,
      endOnFailure: true,
    });
  }, 60_000);
});
