/** What a delete says of a workspace that is still there, which no test can wait for on a real clock. */
import { describe, expect, test } from "vitest";
import { AtlasFailure } from "../../../src/atlas/failure.ts";
import deleteStreamWorkspace from "../../../src/tools/workspaces/delete.ts";
import { Answered, type Reply } from "../../atlas/fake-atlas.ts";
import { call, fakeServices, place } from "../../support/fake-services.ts";

const shown = { name: place.tenantName, hostnames: [] };
const nothingInside = { results: [], totalCount: 0 };
const lost = new AtlasFailure("network", "The connection was reset", { retryable: true });
const gone = new AtlasFailure("not_found", "Atlas answered 404", { status: 404, structured: true });

/** Calls the tool on an Atlas that answers the delete and, from then on, the looks so. */
async function remove(answer: unknown, look: () => unknown) {
  let sent = 0;
  const reply: Reply = ({ method, path }) => {
    if (/\/(processors|connections)\b/.test(path)) return nothingInside;
    if (method === "DELETE") sent += 1;
    return method === "DELETE" ? answer : sent === 0 ? shown : look();
  };
  const result = await call(deleteStreamWorkspace, { ...place, confirm: place.tenantName }, fakeServices({ reply }));
  return { result, sent };
}

describe("a workspace, which has no state to show that it is going,", () => {
  test("is not called deleted while it is there", async () => {
    expect(await remove({}, () => shown)).toMatchObject({
      result: {
        outcome: "failed",
        summary: expect.stringMatching(/accepted, but the workspace is still there; it may still be deleted/),
        error: { kind: "unknown_outcome", retryable: true },
      },
      sent: 1,
    });
  });

  test("is deleted, with a warning, where Atlas answers 202 and still shows it after 10 s", async () => {
    expect(await remove(new Answered(202, {}), () => shown)).toMatchObject({
      result: {
        outcome: "deleted",
        warnings: [expect.stringMatching(/goes on with it.*name of the workspace is taken/)],
      },
      sent: 1,
    });
  });

  test("is not called kept because the answer was lost and it is still there", async () => {
    expect(await remove(lost, () => shown)).toMatchObject({
      result: {
        outcome: "failed",
        summary: expect.stringMatching(/reset; Atlas does not show it yet, and it may still happen/),
        error: { kind: "unknown_outcome", retryable: true, hint: expect.stringContaining("list_stream_workspaces") },
      },
      sent: 1,
    });
  });

  test("is deleted once it is gone, whatever was answered", async () => {
    const looks = () => {
      let left = 3;
      return () => (left-- > 0 ? shown : gone);
    };
    for (const answer of [{}, lost])
      expect(await remove(answer, looks())).toMatchObject({ result: { outcome: "deleted" }, sent: 1 });
  });

  test("is deleted, with a warning, where Atlas accepted that and cannot be read any more", async () => {
    const broken = new AtlasFailure("atlas_error", "Atlas answered 500", { status: 500, retryable: true });
    expect(await remove({}, () => broken)).toMatchObject({
      result: { outcome: "deleted", warnings: [expect.stringContaining("could not be read")] },
      sent: 1,
    });
  });
});
