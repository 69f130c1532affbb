/** Looking around in a zod schema: an object's properties, the schema at a path, the path to a name. */
import { z } from "zod/v3";
import type { Path } from "../json.ts";
import { alsoCalled, bare } from "./fields.ts";

/** The objects that a schema can be: one for an object, one a member for a discriminated union, else none. */
export function objectsOf(schema: z.ZodTypeAny): z.AnyZodObject[] {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) return [inner];
  if (inner instanceof z.ZodDiscriminatedUnion) return [...inner.options];
  return [];
}

/** The properties of an object, or of every member of a union, by name. */
export function propertiesOf(schema: z.ZodTypeAny): [string, z.ZodTypeAny][] {
  return objectsOf(schema).flatMap((object) => Object.entries<z.ZodTypeAny>(object.shape));
}

/** The schema at a path, else undefined. Of a union, the first member that has the property counts. */
export function schemaAt(schema: z.ZodTypeAny, path: Path): z.ZodTypeAny | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return schema;
  const inner = bare(schema);
  if (inner instanceof z.ZodArray) return schemaAt(inner.element, rest);
  if (inner instanceof z.ZodRecord) return schemaAt(inner.valueSchema, rest);
  const shape = objectsOf(inner)
    .map((object) => object.shape)
    .find((each) => Object.hasOwn(each, step));
  return shape && schemaAt(shape[step], rest);
}

/** The shortest path to a property that is called `name`, or is known under it, somewhere inside `schema`, else undefined. */
export function pathTo(name: string, schema: z.ZodTypeAny): string[] | undefined {
  const properties = propertiesOf(schema);
  const [own] = properties.find(([key, property]) => key === name || alsoCalled(property, name)) ?? [];
  if (own !== undefined) return [own];
  const deeper = properties.flatMap(([key, property]) => {
    const path = pathTo(name, property);
    return path ? [[key, ...path]] : [];
  });
  return deeper.sort((a, b) => a.length - b.length)[0];
}

/** The literal that a member of a discriminated union has for `discriminator`. */
export function literalOf(member: z.AnyZodObject, discriminator: string): string {
  const schema = schemaAt(member, [discriminator]);
  const inner = schema && bare(schema);
  return inner instanceof z.ZodLiteral ? String(inner.value) : "";
}
