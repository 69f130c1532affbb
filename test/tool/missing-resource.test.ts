/** What a 404 says of a name that is one of many, or that is there after all. */
import { describe, expect, test } from "vitest";
import { AtlasFailure } from "../../src/atlas/failure.ts";
import { whatIsMissing } from "../../src/tool/missing.ts";
import { connection } from "../../src/tools/connections/resource.ts";
import { fakeAtlas } from "../atlas/fake-atlas.ts";
import { place } from "../support/fake-services.ts";

const failure = (status: number, errorCode = "") =>
  new AtlasFailure(status === 404 ? "not_found" : "forbidden", `Atlas answered ${status}`, {
    status,
    errorCode,
    structured: true,
  });
const named = (...names: string[]) => ({ results: names.map((name) => ({ name })), totalCount: names.length });

interface World {
  workspaces: unknown;
  connections?: unknown;
  errorCode?: string;
}

/** What is told of the connection `kafka` in the workspace `orders`. */
function told({ workspaces, connections = named(), errorCode }: World) {
  const atlas = fakeAtlas(({ path }) => (path.includes("/connections") ? connections : workspaces));
  const { signal } = new AbortController();
  return whatIsMissing(
    failure(404, errorCode),
    connection,
    { ...place, connectionName: "kafka" },
    { atlas, signal, mask: (name) => name },
  );
}

test("of many names the nearest is told first", async () => {
  const many = Array.from({ length: 12 }, (_, index) => `w${index}`);
  const { hint } = await told({ workspaces: named(...many, "order") });
  expect(hint).toMatch(/: order, w0, w1, .*w8, and 3 more\.$/);
});

describe("a connection", () => {
  test("that is in the list all the same is not said to be missing", async () => {
    const { fields, hint } = await told({ workspaces: named("orders"), connections: named("kafka") });
    expect(fields).toBeUndefined();
    expect(hint).toMatch(/call again/i);
  });

  test("is not said to be missing where neither a list nor a code tells", async () => {
    expect((await told({ workspaces: failure(403) })).fields).toBeUndefined();
  });

  test("is believed missing on Atlas's code, where the workspaces cannot be read", async () => {
    const errorCode = "STREAM_CONNECTION_NOT_FOUND_FOR_NAME";
    const { fields } = await told({ workspaces: failure(403), errorCode });
    expect(fields).toMatchObject([{ path: ["connectionName"] }]);
  });
});
