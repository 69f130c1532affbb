import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AnswerStyle,
  createConnection,
  deleteConnection,
  getConnection,
  headersOf,
  listWorkspaces,
  segment,
} from "../../src/atlas/endpoints.ts";

const place = { groupId: "32b6e34b3d91647abb20e7b8", tenantName: "orders" };
const connections = `/api/atlas/v2/groups/${place.groupId}/streams/orders/connections`;

describe("a path segment", () => {
  test.each([
    ["orders", "orders"],
    ["a b", "a%20b"],
    ["a/b", "a%2Fb"],
    ["a?b#c", "a%3Fb%23c"],
    ["a%2Fb", "a%252Fb"],
    ["ü", "%C3%BC"],
    [".", "%2E"],
    ["..", "%2E%2E"],
    ["...", "%2E%2E%2E"],
    ["a..b", "a..b"],
    ["\ud800", "%EF%BF%BD"],
  ])("of %j is %s", (value, encoded) => {
    expect(segment(value)).toBe(encoded);
  });

  test("is one segment, and tells its value, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (value) => {
        expect(segment(value)).toMatch(/^[A-Za-z0-9\-_.!~*'()%]+$/);
        expect(segment(value)).not.toMatch(/^\.+$/);
        expect(decodeURIComponent(segment(value))).toBe(value);
      }),
    );
  });
});

describe("a create", () => {
  const body = { name: "x", type: "Sample" };

  test("posts the connection to its workspace", () => {
    expect(createConnection(place, body)).toEqual({
      operation: "createGroupStreamConnection",
      method: "POST",
      path: connections,
      version: "2023-02-01",
      body,
      envelope: false,
    });
  });

  test.each<[AnswerStyle, string]>([
    [{ envelope: true }, "?envelope=true"],
    [{ pretty: true }, "?pretty=true"],
    [{ envelope: true, pretty: true }, "?envelope=true&pretty=true"],
    [{ envelope: false, pretty: false }, ""],
  ])("asks with %j for %j", (style, query) => {
    const request = createConnection(place, body, style);
    expect(request.path).toBe(connections + query);
    expect(request.envelope).toBe(style.envelope ?? false);
  });
});

test("names of any kind cannot lead a request elsewhere", () => {
  const odd = { groupId: "../x", tenantName: "a/b?c" };
  const path = "/api/atlas/v2/groups/..%2Fx/streams/a%2Fb%3Fc/connections";
  expect(createConnection(odd, {}).path).toBe(path);
  expect(getConnection(odd, "..").path).toBe(`${path}/%2E%2E`);
  expect(deleteConnection(odd, "a#b").path).toBe(`${path}/a%23b`);
  expect(listWorkspaces("../x")(1).path).toMatch(/^\/api\/atlas\/v2\/groups\/\.\.%2Fx\/streams\?/);
});

test("a request says which version of the API it means, and what its body is", () => {
  expect(headersOf(getConnection(place, "x"))).toEqual({ accept: "application/vnd.atlas.2023-02-01+json" });
  expect(headersOf(createConnection(place, {}))).toEqual({
    accept: "application/vnd.atlas.2023-02-01+json",
    "content-type": "application/json",
  });
});
