/** How long a delete waits, which no test can wait for on a real clock. */
import { describe, expect, test } from "vitest";
import { AtlasFailure } from "../../../src/atlas/failure.ts";
import deleteStreamConnection from "../../../src/tools/connections/delete.ts";
import type { Reply } from "../../atlas/fake-atlas.ts";
import { call, fakeServices, place } from "../../support/fake-services.ts";

const args = { ...place, connectionName: "kafka", confirm: "kafka" };

/** A session whose Atlas answers so, with what it was told of the progress. */
function setting(reply: Reply) {
  const services = fakeServices({ reply });
  const progress: string[] = [];
  const client = { progress: (message: string) => progress.push(message) };
  return { atlas: services.atlas, progress, remove: () => call(deleteStreamConnection, args, services, client) };
}

const deploying = new AtlasFailure("conflict", "Atlas answered 409: still deploying", {
  status: 409,
  errorCode: "STREAM_KAFKA_CONNECTION_IS_DEPLOYING",
});
const gone = new AtlasFailure("not_found", "Atlas answered 404", { status: 404, structured: true });
const noProcessors = { results: [], totalCount: 0 };

describe("a delete", () => {
  test("of a connection that is never deployed gives up with Atlas's own words", async () => {
    const all = setting(({ method }) => (method === "DELETE" ? deploying : noProcessors));
    const began = all.atlas.clock.now();
    expect(await all.remove()).toMatchObject({
      outcome: "failed",
      error: {
        kind: "conflict",
        errorCode: "STREAM_KAFKA_CONNECTION_IS_DEPLOYING",
        hint: expect.stringMatching(
          /still being deployed.*Call again when its state is READY \(look with get_stream_connection\)/,
        ),
      },
    });
    expect(all.atlas.clock.now() - began).toBeLessThanOrEqual(60_000);
    expect(all.progress.length).toBeGreaterThan(30);
  });

  test("of a connection that stays DELETING is deleted, with a warning", async () => {
    const all = setting(({ method, path }) => {
      if (path.includes("/processors")) return noProcessors;
      return method === "DELETE" ? {} : { name: "kafka", state: "DELETING" };
    });
    const began = all.atlas.clock.now();
    expect(await all.remove()).toMatchObject({
      outcome: "deleted",
      warnings: [expect.stringMatching(/goes on with it \(state DELETING\).*name of the connection is taken/)],
    });
    expect(all.atlas.clock.now() - began).toBeLessThanOrEqual(10_000);
    expect(all.atlas.requests.filter(({ request }) => request.method === "DELETE")).toHaveLength(1);
  });

  test.each([{}, { login: "required" }])("that was answered %j and not carried out is a failure", async (answer) => {
    const all = setting(({ method, path }) => {
      if (path.includes("/processors")) return noProcessors;
      return method === "DELETE" ? answer : { name: "kafka", state: "READY" };
    });
    expect(await all.remove()).toMatchObject({
      outcome: "failed",
      summary: expect.stringMatching(/still there \(state READY\)/),
      error: { kind: "atlas_error", retryable: true },
    });
    expect(all.atlas.requests.filter(({ request }) => request.method === "DELETE")).toHaveLength(1);
  });

  test("whose answer is lost is unknown where a page is shown in the connection's place", async () => {
    const lost = new AtlasFailure("network", "The connection was reset");
    const all = setting(({ method, path }) => {
      if (path.includes("/processors")) return noProcessors;
      return method === "DELETE" ? lost : { login: "required" };
    });
    expect(await all.remove()).toMatchObject({ outcome: "failed", error: { kind: "unknown_outcome" } });
  });

  test("is not told by what has another name", async () => {
    const all = setting(({ method, path }) => {
      if (path.includes("/processors")) return noProcessors;
      return method === "DELETE" ? {} : { name: "another", state: "READY" };
    });
    expect(await all.remove()).toMatchObject({
      outcome: "deleted",
      warnings: [expect.stringContaining("could not be read")],
    });
  });

  test("overlooks a look that fails", async () => {
    const looks: unknown[] = [
      { name: "kafka", state: "DELETING" },
      new AtlasFailure("atlas_error", "Atlas answered 500", { status: 500 }),
      gone,
    ];
    const all = setting(({ method, path }) => {
      if (path.includes("/processors")) return noProcessors;
      return method === "DELETE" ? {} : looks.shift();
    });
    expect(await all.remove()).toMatchObject({ outcome: "deleted", warnings: [] });
    expect(looks).toEqual([]);
  });

  test("says how far it is while the connection goes", async () => {
    const looks: unknown[] = [{ name: "kafka", state: "DELETING" }, { name: "kafka", state: "DELETING" }, gone];
    const all = setting(({ method, path }) => {
      if (path.includes("/processors")) return noProcessors;
      return method === "DELETE" ? {} : looks.shift();
    });
    await all.remove();
    expect(all.progress).toEqual(["State DELETING", "State DELETING"]);
  });
});
