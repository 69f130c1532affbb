/** Payloads as agents, clients and people really send them, in both dialects; skipped where they are not at hand. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { creates, place, type ServerOnSandbox, startOnSandbox } from "../support/against-sandbox.ts";
import { asSentCases } from "../support/shared-atlas.ts";

const cases = asSentCases ?? [];
const accepted = cases.filter((each) => each.expect === "accept");
const refused = cases.filter((each) => each.expect === "refuse");

/** The arguments of a case: `-` leaves one out, GROUP and TENANT stand for the place. */
function argumentsOf(given: JsonObject, connection: unknown): JsonObject {
  const named = { GROUP: place.groupId, TENANT: place.tenantName };
  const all = Object.entries({ ...place, ...given, connection });
  return Object.fromEntries(
    all.flatMap(([name, value]) => {
      if (value === "-") return [];
      return [[name, value === "GROUP" || value === "TENANT" ? named[value] : value]];
    }),
  );
}

describe.skipIf(!asSentCases).each(["union", "flat"])("a payload as it is sent, in the dialect %s,", (dialect) => {
  let on: ServerOnSandbox;
  beforeAll(async () => {
    on = await startOnSandbox({ env: { ATLAS_STREAMS_MCP_SCHEMA: dialect } });
  });
  afterEach(() => {
    on.sandbox.requests.length = 0;
    on.sandbox.state.workspace(place.groupId, place.tenantName)?.connections.clear();
  });
  afterAll(() => on.close());

  it.each(accepted)("($name) reaches Atlas as it is meant", async ({ arguments: given, connection, sent, warning }) => {
    const result = await on.server.create(argumentsOf(given, connection));
    expect(result).toMatchObject({ isError: false, outcome: "created", project: place });
    if (warning === true) expect(result.warnings).not.toEqual([]);
    if (warning === false) expect(result.warnings).toEqual([]);
    expect(creates(on.sandbox).map(({ body }) => body)).toEqual([sent]);
    expect(JSON.stringify(result)).not.toMatch(/Zq-81-plain|Token-55-abc/);
  });

  it.each(refused)("($name) is refused where it is wrong", async ({ arguments: given, connection, paths, mention }) => {
    const { isError, error } = await on.server.create(argumentsOf(given, connection));
    expect([isError, error?.kind]).toEqual([true, "invalid_input"]);
    const fields = error?.fields ?? [];
    expect(fields.map(({ path }) => path)).toEqual(expect.arrayContaining(paths));
    expect(fields.map(({ message }) => message).join() + error?.hint).toContain(mention);
    expect(creates(on.sandbox)).toEqual([]);
    expect(JSON.stringify(error)).not.toMatch(/Zq-81-plain|Token-55-abc/);
  });
});
