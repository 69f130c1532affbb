/** A connection from an agent → one that Atlas takes, or what is wrong with it. */
import { z } from "zod/v3";
import { isObject, type JsonObject, type Path, samePath, valueAt } from "../json.ts";
import type { Mask } from "../mask.ts";
import { asMeant } from "../schema/as-meant.ts";
import { bare, type Trait, traitOf } from "../schema/fields.ts";
import { check, checked, choice, type Note, quoted, type Remark } from "../schema/problems.ts";
import { nearest, nearMiss } from "../schema/spelling.ts";
import { propertiesOf } from "../schema/structure.ts";
import { privateKeysIn } from "../secrets/parts.ts";
import type { MissingSecret, Quote } from "./connection-type.ts";
import { doubtsOf } from "./doubts.ts";
import { isNeverReturned, secretSettings } from "./secret-places.ts";
import { type Connection, connectionSchema, connectionTypes, typeNamed } from "./union.ts";

export type ConnectionReading =
  | { ok: true; connection: Connection; warnings: Note[]; missingSecrets: MissingSecret[] }
  | {
      ok: false;
      problems: Note[];
      /** What may be wrong beside that. */
      warnings: Note[];
      /** Secrets whose absence is all that is wrong; none where something else is wrong too. */
      missingSecrets: MissingSecret[];
    };

const SECRET_IN_CONFIG = "looks like a secret, and Atlas shows config to everyone who can read the connection";

const KEY_IN_CERTIFICATE =
  "holds a private key, which does not belong where Atlas shows it; give the certificate alone, and the key in `sslKey`";

const typeNames = connectionTypes.map(({ type }) => type);

/** Checks a connection, taken as meant, with its references resolved. `at` leads to it from the arguments. */
export function readConnection(value: unknown, at: Path, mask: Mask = (text) => text): ConnectionReading {
  const quote: Quote = (text) => quoted(mask(text));
  const parsed = check(connectionSchema, value, at, { mask });
  if (!parsed.ok) return refused(value, parsed.problems, at, mask, quote);
  const connection = parsed.value;
  const own = connectionTypes.filter(({ type }) => type === connection.type);
  const remarks = [
    ...own.flatMap(({ schema, review }) => [
      ...fieldRemarks(schema, connection, [], quote),
      ...review(connection, quote),
    ]),
    ...secretSettings(connection).map((path): Remark => ({ path, message: SECRET_IN_CONFIG, severity: "warning" })),
  ];
  const { problems, warnings } = checked(remarks.map((remark) => ({ ...remark, path: [...at, ...remark.path] })));
  if (problems.length > 0) return { ok: false, problems, warnings, missingSecrets: [] };
  return {
    ok: true,
    connection,
    warnings,
    missingSecrets: own.flatMap(({ missingSecrets }) => missingSecrets(connection)),
  };
}

function refused(value: unknown, problems: Note[], at: Path, mask: Mask, quote: Quote): ConnectionReading {
  const type = valueAt(value, ["type"]);
  const ofType = problems.find(({ path }) => samePath(path, [...at, "type"]));
  const meant = ofType ? meantType(type) : typeNamed(type);
  // What the nearest type would refuse is told as well, so that all is told at once.
  const found =
    ofType && isObject(value)
      ? [{ ...ofType, message: typeProblem(value, meant, mask) }, ...(meant ? problemsAs(meant, value, at, mask) : [])]
      : problems;
  const isTold = (path: Path) => found.some((problem) => samePath(problem.path, path));
  const remarks = (meant ? fieldRemarks(meant.schema, value, at, quote) : []).filter(({ path }) => !isTold(path));
  const doubts = checked(remarks);
  const paths = problems.map(({ path }) => path.slice(at.length));
  const isMissingSecret = (path: Path) => isNeverReturned(path) && valueAt(value, path) === undefined;
  const missingSecrets =
    !ofType && doubts.problems.length === 0 && paths.every(isMissingSecret)
      ? paths.map((path) => ({ path, reason: "the login needs this secret" }))
      : [];
  return { ok: false, problems: [...found, ...doubts.problems], warnings: doubts.warnings, missingSecrets };
}

/** The type that is meant by what is none. */
function meantType(type: unknown): ReturnType<typeof typeNamed> {
  if (typeof type !== "string") return undefined;
  const plain = type.toLowerCase().replace(/[^a-z0-9]/g, "");
  return connectionTypes.find(({ alsoCalled }) => alsoCalled.includes(plain)) ?? typeNamed(nearest(type, typeNames));
}

/** What else would be wrong with a connection if it were of this type. */
function problemsAs(
  { type, schema }: (typeof connectionTypes)[number],
  connection: JsonObject,
  at: Path,
  mask: Mask,
): Note[] {
  const { value, problems } = asMeant(schema, { ...connection, type }, at);
  const checked = check<z.ZodTypeAny>(schema, value, at, { mask });
  return [...problems, ...(checked.ok ? [] : checked.problems)];
}

/** What is wrong with a `type`, with what the nearest one takes, or which ones the other fields fit. */
function typeProblem({ type, ...fields }: JsonObject, meant: ReturnType<typeof typeNamed>, mask: Mask): string {
  const names = Object.keys(fields).filter((name) => name !== "name" && name !== "region");
  const fitting = connectionTypes.filter(({ schema }) => names.every((name) => Object.hasOwn(schema.shape, name)));
  const hint =
    type === undefined && names.length > 0 && fitting.length > 0 && fitting.length < connectionTypes.length
      ? `; the other fields fit ${fitting.map((candidate) => candidate.type).join(", ")}`
      : "";
  const takes = meant ? ` ${meant.type} takes ${Object.keys(meant.fields).join(", ") || "no further fields"}` : "";
  return choice(type, typeNames, mask, meant?.type) + takes + hint;
}

/** What there is to say about each field by itself. */
function fieldRemarks(schema: z.ZodTypeAny, value: unknown, path: Path, quote: Quote): Remark[] {
  if (typeof value === "string") {
    const trait = traitOf(schema);
    if (trait.pem === "certificate" && privateKeysIn(value).length > 0)
      return [{ path, severity: "refusal", message: KEY_IN_CERTIFICATE }];
    const doubts = doubtsOf(trait, value, quote, path);
    return [
      ...spellingRemarks(trait, value, path, quote),
      ...doubts.map((message): Remark => ({ path, message, severity: "warning" })),
    ];
  }
  if (Array.isArray(value))
    return value.flatMap((item, index) => fieldRemarks(schema, item, [...path, `${index}`], quote));
  if (!isObject(value)) return [];
  const inner = bare(schema);
  if (inner instanceof z.ZodRecord)
    return Object.entries(value).flatMap(([key, each]) => fieldRemarks(inner.valueSchema, each, [...path, key], quote));
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
