import { describe, expect, test } from "vitest";
import { z } from "zod/v3";
import { literalOf, objectsOf, pathTo, propertiesOf, schemaAt } from "../../src/schema/structure.ts";

const cat = z.object({ kind: z.literal("cat"), lives: z.number() });
const dog = z.object({ kind: z.literal("dog"), home: z.object({ street: z.string() }).nullable().optional() });
const pet = z.discriminatedUnion("kind", [cat, dog]).describe("Pet");
const owner = z.object({ pets: z.array(pet), names: z.record(z.boolean()), street: z.string() });

describe("the objects that a schema can be", () => {
  test("are the object itself, the members of a union, or none", () => {
    expect(objectsOf(cat.optional())).toEqual([cat]);
    expect(objectsOf(pet)).toEqual([cat, dog]);
    expect(objectsOf(z.string())).toEqual([]);
  });

  test("have their properties listed by name", () => {
    expect(propertiesOf(pet).map(([name]) => name)).toEqual(["kind", "lives", "kind", "home"]);
  });

  test("are told apart by their literal", () => {
    expect([cat, dog, owner].map((member) => literalOf(member, "kind"))).toEqual(["cat", "dog", ""]);
  });
});

describe("the schema at a path", () => {
  test.each([
    [[], "ZodObject"],
    [["pets", "0", "lives"], "ZodNumber"],
    [["pets", "3", "home", "street"], "ZodString"],
    [["names", "any"], "ZodBoolean"],
    [["pets", "0", "wings"], undefined],
    [["street", "further"], undefined],
  ])("%j is a %s", (path, kind) => {
    expect(schemaAt(owner, path)?._def.typeName).toBe(kind);
  });
});

describe("the path to a name", () => {
  test("is the shortest one", () => {
    const nested = z.object({ a: z.object({ b: z.object({ x: z.string() }) }), c: z.object({ x: z.string() }) });
    expect(pathTo("x", nested)).toEqual(["c", "x"]);
    expect(pathTo("c", nested)).toEqual(["c"]);
  });

  test("leads through optional fields and unions, and is undefined where there is none", () => {
    expect(pathTo("street", dog)).toEqual(["home", "street"]);
    expect(pathTo("wings", dog)).toBeUndefined();
  });
});
