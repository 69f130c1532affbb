/** The fields of a schema in a flat list, for people and agents that read rather than validate. */
import { z } from "zod/v3";
import { type Path, samePath } from "../json.ts";
import { bare, traitOf } from "./fields.ts";
import { objectsOf } from "./structure.ts";

export interface FieldDescription {
  path: Path;
  required: boolean;
  description: string;
  /** The values that are allowed, or known of an open list. */
  values?: readonly string[];
  secret?: true;
}

export function describeFields(schema: z.ZodTypeAny, at: Path = []): FieldDescription[] {
  const members = objectsOf(schema).map((object) => describeObject(object, at));
  const fields = members.flat();
  const paths = fields.map(({ path }) => path);
  const once = paths.filter((path, index) => paths.findIndex((other) => samePath(other, path)) === index);
  return once.flatMap((path) => {
    const found = fields.filter((field) => samePath(field.path, path));
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

function describeObject(object: z.AnyZodObject, at: Path): FieldDescription[] {
  return Object.entries<z.ZodTypeAny>(object.shape).flatMap(([name, field]) => {
    const path = [...at, name];
    const inner = bare(field);
    const { holds, known } = traitOf(field);
    const values = inner instanceof z.ZodEnum ? inner.options : inner instanceof z.ZodLiteral ? [inner.value] : known;
    const own: FieldDescription = {
      path,
      required: !field.isOptional(),
      description: field.description ?? inner.description ?? "",
      ...(values && { values }),
      ...((holds === "secret" || holds === "headers") && { secret: true as const }),
    };
    return [own, ...describeFields(field, path)];
  });
}
