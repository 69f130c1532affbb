/** Resources: made from the union, so that nothing in them can say otherwise. */
import { describe, expect, test } from "vitest";
import { secretParts } from "../../src/connections/secret-places.ts";
import { connectionTypes } from "../../src/connections/union.ts";
import { completeType, listResources, readResource, resourceTemplates } from "../../src/guides/reference.ts";
import { schemaAt } from "../../src/schema/structure.ts";
import { stages } from "../../src/stages/table.ts";
import { taken } from "../connections/read.ts";

const root = "atlas-streams://types";

/** Whether a value at the path is a secret as a whole, or a map of them. */
const isWhole = (path: string[]) =>
  [path, [...path, "X-Any"]].some((each) => secretParts("value", each)[0]?.end === 5 && path[0] !== "config");
const read = (uri: string) => JSON.parse(readResource(uri) ?? "null");

interface Field {
  path: string;
  required: boolean;
  description: string;
  values?: string[];
  secret?: true;
}

const repeated = (fields: Field[]) => {
  const paths = fields.map(({ path }) => path);
  return paths.filter((path, index) => paths.indexOf(path) !== index);
};

describe("the list of resources", () => {
  test("has the overview, the stages and each type, with what can be read", () => {
    const uris = listResources().map(({ uri }) => uri);
    expect(uris).toEqual([root, "atlas-streams://stages", ...connectionTypes.map(({ type }) => `${root}/${type}`)]);
    for (const { uri, name, title, description, mimeType } of listResources()) {
      expect(readResource(uri)).toBeDefined();
      expect([name, title, description].every((text) => text.length > 0)).toBe(true);
      expect(mimeType).toBe("application/json");
    }
  });

  test("has one template, which every type fits", () => {
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([`${root}/{type}`]);
  });

  test("gives all types with what they are for and what must exist first", () => {
    expect(read(root)).toEqual(connectionTypes.map(({ type, use, prerequisite }) => ({ type, use, prerequisite })));
  });

  test.each([`${root}/`, `${root}/kafka`, `${root}/Kafka/x`, `${root}/toString`, "atlas-streams://", "", `${root}?x`])(
    "has nothing at %j",
    (uri) => {
      expect(readResource(uri)).toBeUndefined();
    },
  );
});

describe("the resource of the stages", () => {
  const listed: { name: string; place: string; use: string; connections?: { types: object }[] }[] =
    read("atlas-streams://stages");

  test("has every stage with its place, what it is for, and its page", () => {
    expect(listed.map(({ name }) => name)).toEqual(stages.map(({ name }) => name));
    for (const stage of listed) {
      expect(stage).toMatchObject({
        place: expect.stringMatching(/source|middle|sink/),
        use: expect.stringMatching(/\w/),
      });
      expect(stage).toMatchObject({ docs: expect.stringMatching(/^https:\/\/www\.mongodb\.com\/docs\/atlas\//) });
    }
  });

  test("says what a stage needs by the type of its connection", () => {
    expect(listed.find(({ name }) => name === "$emit")?.connections?.[0]).toMatchObject({
      at: "connectionName",
      types: { Kafka: { needs: ["topic"] }, S3: { needs: ["bucket", "path"] } },
    });
    expect(listed.find(({ name }) => name === "$merge")?.connections?.[0]).toMatchObject({
      at: "into.connectionName",
      besideIt: ["db", "coll"],
    });
  });

  test("names only types of connections that there are", () => {
    const known = connectionTypes.map(({ type }) => type);
    const named = listed.flatMap(({ connections = [] }) => connections.flatMap(({ types }) => Object.keys(types)));
    expect(named.length).toBeGreaterThan(10);
    expect(new Set([...known, ...named])).toEqual(new Set(known));
  });

  test("says of a stage that it can only stand in a window", () => {
    expect(listed.find(({ name }) => name === "$group")).toMatchObject({ only: "in the pipeline of a window" });
  });
});

describe.each(connectionTypes)("the resource of the type $type", ({ type, schema, use, prerequisite }) => {
  const resource = read(`${root}/${type}`);
  const fields: Field[] = resource.fields;

  test("says what it is for and what must exist first", () => {
    expect(resource).toMatchObject({ type, use, prerequisite });
  });

  test("has an example that the create takes without a warning", () => {
    expect(taken(resource.example)).toEqual({ sent: resource.example, warnings: [] });
    expect(resource.example.type).toBe(type);
  });

  test("describes every field of the union, and no other", () => {
    const top = fields.filter(({ path }) => !path.includes(".")).map(({ path }) => path);
    expect(top).toEqual(Object.keys(schema.shape));
    for (const { path, required, description } of fields) {
      const field = schemaAt(schema, path.split("."));
      expect([path, field === undefined]).toEqual([path, false]);
      expect([path, description]).toEqual([path, expect.stringMatching(/\w/)]);
      if (!path.includes(".")) expect([path, required]).toEqual([path, !field?.isOptional()]);
    }
  });

  test("marks the secrets", () => {
    for (const { path, secret = false } of fields) expect([path, secret]).toEqual([path, isWhole(path.split("."))]);
  });

  test("names a field once", () => {
    expect(repeated(fields)).toEqual([]);
  });
});

describe("the resource of a type with alternatives inside", () => {
  const fields: Field[] = read(`${root}/SchemaRegistry`).fields;

  test("requires only what all alternatives require", () => {
    const required = fields.filter((field) => field.required).map(({ path }) => path);
    expect(required).not.toContain("schemaRegistryAuthentication.password");
  });
});

describe("the completion of a type", () => {
  test.each([
    ["", connectionTypes.map(({ type }) => type)],
    ["k", ["Kafka"]],
    ["AWS", ["AWSLambda", "AWSKinesisDataStreams"]],
    ["sc", ["SchemaRegistry"]],
    ["x", []],
    ["Kafka2", []],
  ])("of %j is %j", (typed, types) => {
    expect(completeType(typed)).toEqual(types);
  });
});
