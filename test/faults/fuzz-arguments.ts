/**
 * Hostile arguments for `create_stream_connection`: connections that are nearly valid, with something in them that is
 * not, and values that are nothing like one.
 */
import fc from "fast-check";
import { connectionTypes } from "../../src/connections/union.ts";
import { isObject } from "../../src/json.ts";
import { sandboxProject, sandboxTenant } from "../../src/sandbox/data/seed.ts";
import type { FuzzAnswer, MakeInput } from "./fuzz-input.ts";

/** A variable that references may read; its value must never be seen. */
export const fuzzVariable = "ATLAS_STREAMS_SECRET_FUZZ";

const odd = fc.constantFrom<unknown>(
  "",
  " ",
  "\u0000",
  "\ud800",
  "\u202e\u2028\ufeff",
  "e\u0301".repeat(50),
  "👩‍👩‍👧‍👦",
  "../../../etc/passwd",
  `\${env:${fuzzVariable}}`,
  `Bearer \${env:${fuzzVariable}} \${env:${fuzzVariable}}`,
  "${env:MONGODB_ATLAS_CLIENT_SECRET}",
  "${env:PATH}",
  "${file:../../etc/passwd}",
  "$${env:X}",
  "${env:",
  "__proto__",
  "constructor",
  "null",
  "{}",
  "[".repeat(2_000),
  `${'{"a":'.repeat(200)}1${"}".repeat(200)}`,
  // Text that may be read as JSON comes past the limit on how deep a message is nested.
  `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
  "a\r\nX-Injected: 1",
  "--option",
  "'; rm -rf / #",
  "%00%2e%2e",
  -0,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  true,
  null,
  [],
  {},
  [null],
  Object.fromEntries([["__proto__", { polluted: true }]]),
  { constructor: { prototype: { polluted: true } } },
  { toString: null, length: 3, valueOf: "x" },
);

const huge = fc
  .tuple(fc.constantFrom("a", "\\", '"', "é", "\n", "${", "😀"), fc.integer({ min: 1_000, max: 40_000 }))
  .map(([unit, count]) => unit.repeat(count));

/** Deep, but three in each other are still within the limit on how deep a message is nested. */
const deep = fc.tuple(fc.boolean(), fc.integer({ min: 10, max: 70 })).map(([list, depth]) => {
  let value: unknown = "bottom";
  for (let level = 0; level < depth; level += 1) value = list ? [value] : { a: value };
  return value;
});

const wide = fc
  .integer({ min: 100, max: 2_000 })
  .map((count) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, "v"])));

const hostile = fc.oneof(
  { weight: 20, arbitrary: odd },
  { weight: 8, arbitrary: fc.string({ unit: "binary" }) },
  { weight: 6, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 3, arbitrary: deep },
  { weight: 1, arbitrary: huge },
  { weight: 1, arbitrary: wide },
);

const mutation = fc.record({
  /** Which of the places in the value, counted round. */
  place: fc.nat(),
  how: fc.constantFrom("replace", "delete", "add", "rename", "wrap", "asText", "case"),
  value: hostile,
  key: fc.oneof(fc.constantFrom("__proto__", "constructor", "toString", "links", "id", ""), fc.string()),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

type Place = { holder: Record<string, unknown>; key: string };

function placesIn(value: unknown): Place[] {
  if (!isObject(value)) return [];
  return Object.keys(value).flatMap((key) => [{ holder: value, key }, ...placesIn(value[key])]);
}

/** Own properties only: an assignment to `__proto__` would change the holder instead. */
function put(holder: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function mutate(root: Record<string, unknown>, { place, how, value, key }: Mutation): void {
  const places = placesIn(root);
  const chosen = places[place % places.length];
  if (!chosen) return;
  const { holder, key: at } = chosen;
  const present = holder[at];
  if (how === "replace") put(holder, at, value);
  else if (how === "add") put(isObject(present) ? present : holder, key, value);
  else if (how === "wrap") put(holder, at, [present]);
  else if (how === "asText") put(holder, at, JSON.stringify(present));
  else if (how === "case" && typeof present === "string") put(holder, at, present.toLowerCase());
  else {
    delete holder[at];
    if (how === "rename") put(holder, key, present);
  }
}

const nearlyValid = fc
  .record({
    type: fc.constantFrom(...connectionTypes),
    name: fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom(".", "..", "a/b", "ä ö", "%2e")),
    mutations: fc.array(mutation, { maxLength: 3 }),
    sent: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ type: { type, example }, name, mutations, sent }) => {
    const args: Record<string, unknown> = {
      groupId: sandboxProject.groupId,
      tenantName: sandboxTenant,
      connection: structuredClone({ name, type, ...example }),
      // Most go no further than a dry run; the rest is created.
      ...(sent < 0.95 && { dryRun: true }),
    };
    // Copies, or a value that is met twice could come to hold itself.
    for (const each of mutations) mutate(args, structuredClone(each));
    return args;
  });

const anything = fc.oneof(hostile, fc.dictionary(fc.string(), hostile));

/** A call with arguments of every kind. `checkResult` says what is wrong with a result. */
export function argumentInputs(checkResult: (result: unknown) => string | undefined): fc.Arbitrary<MakeInput> {
  return fc.oneof({ weight: 9, arbitrary: nearlyValid }, { weight: 1, arbitrary: anything }).map(
    (args): MakeInput =>
      (number) => {
        const params = { name: "create_stream_connection", arguments: args };
        const line = JSON.stringify({ jsonrpc: "2.0", id: number, method: "tools/call", params });
        return { line: Buffer.from(line), answer: `${number}`, fault: (answer) => faultOf(args, answer, checkResult) };
      },
  );
}

function faultOf(
  args: unknown,
  { result, error }: FuzzAnswer,
  checkResult: (result: unknown) => string | undefined,
): string | undefined {
  // Arguments that are no object are no call of a tool.
  if (error) return isObject(args) ? `an error of the protocol: ${String(error.message)}` : undefined;
  if (!isObject(result)) return "no result";
  const { structuredContent, isError, content } = result;
  const fault = checkResult(structuredContent);
  if (fault !== undefined) return fault;
  if (!isObject(structuredContent)) return "no structured content";
  const [block] = Array.isArray(content) ? content : [];
  if (!isObject(block) || block["text"] !== JSON.stringify(structuredContent)) return "the text block is another";
  const { outcome, error: failure } = structuredContent;
  if (isError !== (outcome === "failed")) return "isError does not fit the outcome";
  const dry = isObject(args) && args["dryRun"] === true;
  if (dry && outcome !== "planned" && outcome !== "failed") return `a dry run was ${String(outcome)}`;
  // Nothing goes wrong here on the way to the sandbox, so this can only be a defect.
  if (isObject(failure) && ["unknown_outcome", "network", "timeout"].includes(String(failure["kind"])))
    return `${String(failure["kind"])}: ${String(structuredContent["summary"]).slice(0, 200)}`;
  return undefined;
}
