/** Leaves out of a value what its schema marks as secret, as Atlas never returns it. */
import { z } from "zod/v3";
import { bare, traitOf } from "../../schema/fields.ts";

/** The value without its secret fields; a field that is a map of secrets is left out as a whole. */
export function withoutSecrets(schema: z.ZodTypeAny, value: unknown): unknown {
  if (!isObject(value)) return value;
  const shape = shapeOf(bare(schema), value);
  const shown = Object.entries(value).flatMap(([name, content]): [string, unknown][] => {
    const field = shape[name];
    if (!field) return [[name, content]];
    return traitOf(field).secret ? [] : [[name, withoutSecrets(field, content)]];
  });
  return Object.fromEntries(shown);
}

function shapeOf(schema: z.ZodTypeAny, value: Record<string, unknown>): z.ZodRawShape {
  if (schema instanceof z.ZodObject) return schema.shape;
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return {};
  const members: ReadonlyMap<unknown, z.ZodTypeAny> = schema.optionsMap;
  const discriminator: string = schema.discriminator;
  const member = members.get(value[discriminator]);
  return member ? shapeOf(member, value) : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
