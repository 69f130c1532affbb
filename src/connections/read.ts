/** A connection as an agent gives it → one that Atlas takes, or what is wrong with it. */
import type { z } from "zod/v3";
import { isObject, type JsonObject, type Path, samePath, valueAt } from "../json.ts";
import type { Mask } from "../mask.ts";
import { asMeant } from "../schema/as-meant.ts";
import { type Trait, traitOf } from "../schema/fields.ts";
import { check, choice, type Note, quoted, type Remark } from "../schema/problems.ts";
import { nearest, nearMiss } from "../schema/spelling.ts";
import { propertiesOf } from "../schema/structure.ts";
import type { MissingSecret, Quote } from "./connection-type.ts";
import { doubtsOf } from "./doubts.ts";
import { isNeverReturned, secretSettings } from "./secret-places.ts";
import { type Connection, connectionSchema, connectionTypes, typeNamed } from "./union.ts";

export type Reading =
  | { ok: true; connection: Connection; warnings: Note[]; missingSecrets: MissingSecret[] }
  | {
      ok: false;
      problems: Note[];
      /** Secrets whose absence is all that is wrong; none where something else is wrong too. */
      missingSecrets: MissingSecret[];
    };

const SHOWN_SECRET = "looks like a secret, and Atlas shows config to whoever may read the connection";

const typeNames = connectionTypes.map(({ type }) => type);

/** Checks a connection that was taken as meant and whose references are resolved. `at` leads to it from the arguments. */
export function readConnection(value: unknown, at: Path, mask: Mask = (given) => given): Reading {
  const parsed = check(connectionSchema, value, at, { mask });
  if (!parsed.ok) return refused(value, parsed.problems, at, mask);
  const connection = parsed.value;
  const quote: Quote = (given) => quoted(mask(given));
  const own = connectionTypes.filter(({ type }) => type === connection.type);
  const remarks = [
    ...own.flatMap(({ schema, review }) => [
      ...fieldRemarks(schema, connection, [], quote),
      ...review(connection, quote),
    ]),
    ...secretSettings(connection).map((path): Remark => ({ path, message: SHOWN_SECRET, severity: "warning" })),
  ];
  const say = ({ path, message }: Remark): Note => ({ path: [...at, ...path], message });
  const refusals = remarks.filter(({ severity }) => severity === "refusal");
  if (refusals.length > 0) return { ok: false, problems: refusals.map(say), missingSecrets: [] };
  return {
    ok: true,
    connection,
    warnings: remarks.map(say),
    missingSecrets: own.flatMap(({ missingSecrets }) => missingSecrets(connection)),
  };
}

function refused(value: unknown, problems: Note[], at: Path, mask: Mask): Reading {
  const places = problems.map(({ path }) => path.slice(at.length));
  const type = problems.find(({ path }) => samePath(path, [...at, "type"]));
  if (type && isObject(value)) {
    // Told of the nearest type as well, so that all is told at once.
    const { type: given } = value;
    const meant = typeof given === "string" ? typeNamed(nearest(given, typeNames)) : undefined;
    const others = meant ? problemsAs(meant, value, at, mask) : [];
    return {
      ok: false,
      problems: [{ ...type, message: typeProblem(value, meant, mask) }, ...others],
      missingSecrets: [],
    };
  }
  const isMissingSecret = (path: Path) => isNeverReturned(path) && valueAt(value, path) === undefined;
  const missingSecrets = places.every(isMissingSecret)
    ? places.map((path) => ({ path, reason: "it logs in with a secret" }))
    : [];
  return { ok: false, problems, missingSecrets };
}

/** What else would be wrong with a connection if it were of this type. */
function problemsAs(
  { type, schema }: (typeof connectionTypes)[number],
  given: JsonObject,
  at: Path,
  mask: Mask,
): Note[] {
  const { value, problems } = asMeant(schema, { ...given, type }, at);
  const checked = check<z.ZodTypeAny>(schema, value, at, { mask });
  return [...problems, ...(checked.ok ? [] : checked.problems)];
}

/** The word on a `type` that is missing or unknown, with what the nearest one takes, or which ones the given fields fit. */
function typeProblem({ type, ...fields }: JsonObject, meant: ReturnType<typeof typeNamed>, mask: Mask): string {
  const names = Object.keys(fields).filter((name) => name !== "name" && name !== "region");
  const fitting = connectionTypes.filter(({ schema }) => names.every((name) => Object.hasOwn(schema.shape, name)));
  const hint =
    type === undefined && names.length > 0 && fitting.length > 0 && fitting.length < connectionTypes.length
      ? `; the given fields fit ${fitting.map((candidate) => candidate.type).join(", ")}`
      : "";
  const takes = meant ? ` ${meant.type} takes ${Object.keys(meant.fields).join(", ") || "no further fields"}` : "";
  return choice(type, typeNames, mask) + takes + hint;
}

/** What is worth remarking of each field by itself. */
function fieldRemarks(schema: z.ZodTypeAny, value: unknown, path: Path, quote: Quote): Remark[] {
  if (typeof value === "string") {
    const trait = traitOf(schema);
    const doubts = doubtsOf(trait, value, quote);
    return [
      ...spellingRemarks(trait, value, path, quote),
      ...doubts.map((message): Remark => ({ path, message, severity: "warning" })),
    ];
  }
  if (Array.isArray(value))
    return value.flatMap((item, index) => fieldRemarks(schema, item, [...path, `${index}`], quote));
  if (!isObject(value)) return [];
  return propertiesOf(schema).flatMap(([name, property]) =>
    fieldRemarks(property, value[name], [...path, name], quote),
  );
}

/** A near miss or an undocumented value, where the documented ones are open-ended. */
function spellingRemarks({ known }: Trait, value: string, path: Path, quote: Quote): Remark[] {
  if (!known || known.includes(value)) return [];
  const meant = nearMiss(value, known);
  if (meant) {
    const message = `${quote(value)} was given; Atlas spells it ${JSON.stringify(meant)}`;
    return [{ path, severity: "refusal", message }];
  }
  const message = `${quote(value)} is not a documented value (${known.join(", ")}); Atlas may refuse it`;
  return [{ path, severity: "warning", message }];
}
