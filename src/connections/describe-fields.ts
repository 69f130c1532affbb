/** The fields of a connection type in a flat list, for people and agents that read rather than validate. */
import { z } from "zod/v3";
import { bare, traitOf } from "./fields.ts";
import { objectsOf } from "./structure.ts";

export interface FieldDescription {
  /** Dotted path from the connection. */
  path: string;
  required: boolean;
  description: string;
  /** The values that are allowed, or known of an open list. */
  values?: readonly string[];
  secret?: true;
}

export function describeFields(schema: z.ZodTypeAny, at: readonly string[] = []): FieldDescription[] {
  const members = objectsOf(schema).map((object) => describeObject(object, at));
  const paths = new Set(members.flatMap((member) => member.map(({ path }) => path)));
  return [...paths].flatMap((path) => {
    const found = members.flatMap((member) => member.filter((field) => field.path === path));
    const [first] = found;
    if (!first) return [];
    const values = found.flatMap((field) => field.values ?? []);
    return [
      {
        ...first,
        required: found.length === members.length && found.every(({ required }) => required),
        ...(values.length > 0 && { values: [...new Set(values)] }),
      },
    ];
  });
}

function describeObject(object: z.AnyZodObject, at: readonly string[]): FieldDescription[] {
  return Object.entries<z.ZodTypeAny>(object.shape).flatMap(([name, field]) => {
    const path = [...at, name];
    const inner = bare(field);
    const { secret, known } = traitOf(field);
    const values = inner instanceof z.ZodEnum ? inner.options : inner instanceof z.ZodLiteral ? [inner.value] : known;
    const own: FieldDescription = {
      path: path.join("."),
      required: !field.isOptional(),
      description: field.description ?? inner.description ?? "",
      ...(values && { values }),
      ...(secret && { secret }),
    };
    return [own, ...describeFields(field, path)];
  });
}
