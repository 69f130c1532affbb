import { describe, expect, test } from "vitest";
import { AtlasFailure, type FailureFacts } from "../../src/atlas/failure.ts";
import { type Operation, operations, rolesFor } from "../../src/atlas/operations.ts";
import { InvalidInput } from "../../src/schema/problems.ts";
import { resultSchema } from "../../src/tool/define.ts";
import { type Circumstances, failed, failureOf, invalidInput, ToolFailure } from "../../src/tool/failure.ts";
import { type ErrorKind, errorMeanings, errorSchema } from "../../src/tool/result.ts";
import { withEveryTool } from "../../src/tool/words.ts";
import createStreamConnection from "../../src/tools/connections/create.ts";
import { connection } from "../../src/tools/connections/resource.ts";
import { workspace } from "../../src/tools/workspaces/resource.ts";

type AtlasKind = Exclude<ErrorKind, "invalid_input">;
const isAtlasKind = (kind: string): kind is AtlasKind => kind in errorMeanings && kind !== "invalid_input";
const isOperation = (id: string): id is Operation => id in operations;
const atlasKinds = Object.keys(errorMeanings).filter(isAtlasKind);
const own = { resource: connection, place: {}, at: ["connection"] };
const of = (kind: AtlasKind, facts: FailureFacts = {}, about: Circumstances = {}) =>
  failed(new ToolFailure(new AtlasFailure(kind, "It went wrong", facts), about), own, withEveryTool);
const createResultSchema = resultSchema({
  ...createStreamConnection,
  output: { ...createStreamConnection.output, error: errorSchema.optional() },
});

describe("a failure", () => {
  test.each(atlasKinds)("of kind %s says what happened, whether to repeat it, and what to do next", (kind) => {
    const result = of(kind);
    expect(result).toEqual({
      outcome: "failed",
      summary: "It went wrong.",
      error: { kind, retryable: kind === "unknown_outcome", hint: expect.stringMatching(/^[A-Z].*\.$/) },
    });
    expect(createResultSchema.safeParse(result).success).toBe(true);
  });

  test.each(["network", "timeout", "atlas_error"] as const)("of kind %s does not say that nothing happened", (kind) => {
    for (const told of [errorMeanings[kind], of(kind, { retryable: true }, { creating: true }).error.hint])
      expect(told).not.toMatch(/(nothing|not|anything) happen/);
  });

  test("passes on what Atlas says, unchanged", () => {
    const facts = { status: 429, errorCode: "E", detail: "D", reason: "R", parameters: [1], retryAfterSeconds: 0 };
    expect(of("rate_limited", { ...facts, retryable: true }).error).toEqual({
      kind: "rate_limited",
      ...facts,
      retryable: true,
      hint: expect.any(String),
    });
  });

  test("knows more of an error code than of a kind, whatever the tool knows", () => {
    const failure = new AtlasFailure("bad_request", "No", { errorCode: "STREAM_NETWORKING_CANNOT_BE_MODIFIED" });
    const result = failed(new ToolFailure(failure, { creating: true }), own, withEveryTool);
    expect(result.error.hint).toMatch(/cannot be changed in place.*delete_stream_connection/);
    expect(of("bad_request", { errorCode: "constructor" }).error.hint).toMatch(/Correct what `detail`/);
  });

  test.each<[string, FailureFacts, RegExp]>([
    ["STREAM_NETWORKING_ACCESS_TYPE_CANNOT_BE_MODIFIED", {}, /cannot be changed in place.*delete_stream_connection/],
    ["STREAM_KAFKA_CONNECTION_IS_DEPLOYING", {}, /10 to 30 minutes.*get_stream_connection/],
    [
      "VALIDATION_ERROR",
      { detail: "The project id 1 and region US_EAST_1 does not have a VPC Peering connection." },
      /VPC peering.*get_connection_options/,
    ],
    ["VALIDATION_ERROR", { detail: "Invalid bootstrapServers" }, /Correct what `detail`/],
  ])("knows what Atlas means by %s, with %j", (errorCode, facts, hint) => {
    expect(of("bad_request", { errorCode, ...facts }).error.hint).toMatch(hint);
  });

  test.each<FailureFacts>([
    { errorCode: "IP_ADDRESS_NOT_ON_ACCESS_LIST" },
    { detail: "IP address 192.0.2.7 is not allowed to access this resource.", atTokenEndpoint: true },
    { detail: "This resource requires access through an access list of ip ranges." },
  ])("speaks of the address, not of a role, where that is refused: %j", (facts) => {
    const { hint } = of("forbidden", facts).error;
    expect(hint).toMatch(/address.*access list/);
    expect(hint).not.toMatch(/role|secret/);
  });

  test("of a role names those that suffice for what was asked, the least first", () => {
    for (const operation of Object.keys(operations).filter(isOperation))
      expect(of("forbidden", { operation }).error.hint).toContain(`least first: ${rolesFor(operation).join(", ")}. `);
  });

  test("names fields of the body as fields of the argument, Atlas's first", () => {
    const { error } = of(
      "bad_request",
      { fields: [{ field: "aws.roleArn", description: "must not be null" }] },
      { fields: [{ path: ["groupId"], message: "look here too" }] },
    );
    expect(error?.fields).toEqual([
      { path: "connection.aws.roleArn", message: "must not be null" },
      { path: "groupId", message: "look here too" },
    ]);
  });

  test("is told in the words of its circumstances where there are any", () => {
    const about = {
      summary: "There is no workspace.",
      hint: "Check tenantName.",
      result: { connection: { name: "x" } },
    };
    const { error, ...result } = of("not_found", {}, about);
    expect(result).toEqual({
      outcome: "failed",
      summary: about.summary,
      connection: { name: "x" },
    });
    expect(error?.hint).toBe(about.hint);
  });

  test("is told with what was being done, what was left, and what to do after that", () => {
    const { summary, error, ...rest } = of(
      "forbidden",
      {},
      {
        during: "The change failed",
        left: "It runs as before.",
        next: "The next call goes on.",
        result: { steps: [] },
      },
    );
    expect(summary).toBe("The change failed: It went wrong. It runs as before.");
    expect(error.hint).toMatch(/Project Owner\..* The next call goes on\.$/);
    expect(rest).toEqual({ outcome: "failed", steps: [] });
  });

  test("of a part is told by the resource and the arguments of the part", () => {
    const facts = { errorCode: "STREAM_NETWORKING_CANNOT_BE_MODIFIED", fields: [{ field: "url", description: "no" }] };
    const part = { resource: connection, place: {}, at: ["connections", "1"] };
    const known = failureOf(failureOf(new AtlasFailure("conflict", "No", facts), part), own);
    const { error } = failed(known, { ...own, resource: workspace }, withEveryTool);
    expect(error.fields).toEqual([{ path: "connections[1].url", message: "no" }]);
    expect(error.hint).toMatch(/delete_stream_connection/);
  });

  test("ends its summary with one full stop", () => {
    expect(failed(new ToolFailure(new AtlasFailure("network", "Broken.")), own, withEveryTool).summary).toBe("Broken.");
  });
});

describe("the hint", () => {
  test.each<[AtlasKind, FailureFacts, RegExp]>([
    ["forbidden", {}, /Project Stream Processing Manager.*Project Stream Processing Owner.*Project Owner/],
    ["unauthenticated", {}, /credentials/],
    ["unauthenticated", { atTokenEndpoint: true }, /MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET/],
    ["configuration", {}, /environment/],
    ["rate_limited", {}, /retryAfterSeconds/],
    ["atlas_error", { retryable: true }, /call again/],
    ["atlas_error", {}, /show this to a person/],
    ["unknown_outcome", {}, /get_stream_connection/],
  ])("for %s with %j says what to do", (kind, facts, words) => {
    expect(of(kind, facts).error?.hint).toMatch(words);
  });

  test("claims nothing of what was changed: that depends on what was tried", () => {
    for (const kind of atlasKinds) expect(of(kind).error?.hint).not.toMatch(/was changed/);
  });
});

describe("the hint after a create", () => {
  const hint = (kind: AtlasKind, facts: FailureFacts = {}) => of(kind, facts, { creating: true }).error.hint;

  test.each(["network", "timeout", "rate_limited"] as const)(
    "for %s says that nothing was created, and speaks of nothing else",
    (kind) => {
      expect(hint(kind)).toMatch(/^(As far as Atlas shows, no|No) connection was created\. /);
    },
  );

  test("for an answer of Atlas that may pass, too", () => {
    expect(hint("atlas_error", { retryable: true })).toMatch(/, no connection was created\. .*call again/);
  });

  test.each(["unknown_outcome", "cancelled", "conflict", "atlas_error"] as const)(
    "for %s does not say that",
    (kind) => {
      expect(hint(kind)).not.toMatch(/no connection was created/i);
    },
  );

  test("for unknown_outcome says that the name keeps it from happening twice", () => {
    expect(hint("unknown_outcome")).toMatch(/never a second connection/);
  });

  test.each(["forbidden", "unauthenticated", "configuration", "not_found"] as const)("for %s is anyone's", (kind) => {
    expect(hint(kind)).toBe(of(kind).error?.hint);
  });
});

test("an answer that is no JSON is shown by its excerpt, which gives way to Atlas's own detail", () => {
  expect(of("atlas_error", { excerpt: "page" }).error.detail).toBe("page");
  expect(of("atlas_error", { excerpt: "page", detail: "D" }).error.detail).toBe("D");
});

describe("arguments that cannot be used", () => {
  const problems = [
    { path: ["connection", "name"], message: "must not be empty" },
    { path: ["groupId"], message: "is required" },
  ];

  test("are told field by field: nothing was sent", () => {
    const result = invalidInput(new InvalidInput(problems), connection, withEveryTool);
    expect(result).toEqual({
      outcome: "failed",
      summary: "Nothing was sent, since these arguments cannot be used: connection.name, groupId.",
      error: {
        kind: "invalid_input",
        fields: [
          { path: "connection.name", message: "must not be empty" },
          { path: "groupId", message: "is required" },
        ],
        retryable: false,
        hint: "Correct connection.name, groupId and call again; nothing was sent. Look up the ids of projects with list_projects.",
      },
    });
    expect(createResultSchema.safeParse(result).success).toBe(true);
  });

  test("that name a place say where its name is found", () => {
    const hint = (...path: string[]) =>
      invalidInput(new InvalidInput([{ path, message: "is required" }]), connection, withEveryTool).error.hint;
    expect(hint("tenantName")).toMatch(/list_stream_workspaces/);
    expect(hint("groupId")).toMatch(/list_projects/);
    expect(hint("connection", "name")).not.toMatch(/list_/);
  });

  test("can have a hint of their own", () => {
    expect(invalidInput(new InvalidInput(problems, "Ask a person."), connection, withEveryTool).error.hint).toBe(
      "Ask a person.",
    );
  });
});

test("every kind is explained to people", () => {
  for (const meaning of Object.values(errorMeanings)) expect(meaning).toMatch(/\S/);
});
