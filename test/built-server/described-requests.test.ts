/** The judge of requests is a judge: what the API description does not know, it objects to. */
import { describe, expect, it } from "vitest";
import type { RecordedRequest } from "../support/sandbox.ts";
import { openapi } from "../support/shared-atlas.ts";
import { undescribed } from "./described-requests.ts";

const groups = "/api/atlas/v2/groups";
const project = `${groups}/0123456789abcdef01234567`;

function request(method: string, path: string, date: string, query: Record<string, string> = {}): RecordedRequest {
  const headers = { accept: `application/vnd.atlas.${date}+json` };
  return { method, origin: "http://127.0.0.1", path, target: path, query, headers, body: undefined, status: 200 };
}

describe.skipIf(!openapi)("the judge of requests", () => {
  it.each([
    request("GET", groups, "2023-01-01", { itemsPerPage: "500", pageNum: "1" }),
    request("GET", `${project}/streams/privateLinkConnections`, "2023-02-01"),
    request("POST", `${project}/streams/a%20b/connections`, "2023-02-01", { envelope: "true" }),
    request("POST", "/api/oauth/token", "none"),
  ])("takes $method $path", (described) => {
    expect(undescribed([described])).toEqual([]);
  });

  it.each<[string, RecordedRequest, RegExp]>([
    ["a path", request("GET", `${project}/stream`, "2023-02-01"), /no such endpoint/],
    ["a method", request("PUT", `${project}/streams/a/connections/b`, "2023-02-01"), /no such endpoint/],
    ["a version", request("GET", `${project}/streams`, "2023-01-01"), /2023-01-01.*none of.*2023-02-01/],
    ["a query parameter", request("GET", `${project}/streams`, "2023-02-01", { page: "1" }), /no query parameter page/],
  ])("objects to %s that is unknown", (_, unknown, objection) => {
    expect(undescribed([unknown])).toEqual([expect.stringMatching(objection)]);
  });
});
