/** A connection from an agent → one that Atlas takes, or what is wrong with it. */
import type { z } from "zod/v3";
import { isObject, type JsonObject, type Path, samePath, valueAt } from "../json.ts";
import type { Mask } from "../mask.ts";
import { asMeant } from "../schema/as-meant.ts";
import { type Trait, traitOf } from "../schema/fields.ts";
import { check, choice, type Note, quoted, type Remark } from "../schema/problems.ts";
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
      /** Secrets whose absence is all that is wrong; none where something else is wrong too. */
      missingSecrets: MissingSecret[];
    };

const SECRET_IN_CONFIG = "looks like a secret, and Atlas shows config to everyone who can read the connection";

const KEY_IN_CERTIFICATE =
  "holds a private key, which does not belong where Atlas shows it; give the certificate alone, and the key in `sslKey`";

const typeNames = connectionTypes.map(({ type }) => type);

/** Checks a connection, taken as meant, with its references resolved. `at` leads to it from the arguments. */
export function readConnection(value: unknown, at: Path, mask: Mask = (text) => text): ConnectionReading {
  const parsed = check(connectionSchema, value, at, { mask });
  if (!parsed.ok) return refused(value, parsed.problems, at, mask);
  const connection = parsed.value;
  const quote: Quote = (text) => quoted(mask(text));
  const own = connectionTypes.filter(({ type }) => type === connection.type);
  const remarks = [
    ...own.flatMap(({ schema, review }) => [
      ...fieldRemarks(schema, connection, [], quote),
      ...review(connection, quote),
    ]),
    ...secretSettings(connection).map((path): Remark => ({ path, message: SECRET_IN_CONFIG, severity: "warning" })),
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

function refused(value: unknown, problems: Note[], at: Path, mask: Mask): ConnectionReading {
  const ofType = problems.find(({ path }) => samePath(path, [...at, "type"]));
  if (ofType && isObject(value)) {
    // What the nearest type would refuse is told as well, so that all is told at once.
    const { type } = value;
    const meant = typeof type === "string" ? typeNamed(nearest(type, typeNames)) : undefined;
    const others = meant ? problemsAs(meant, value, at, mask) : [];
    return {
      ok: false,
      problems: [{ ...ofType, message: typeProblem(value, meant, mask) }, ...others],
      missingSecrets: [],
    };
  }
  const paths = problems.map(({ path }) => path.slice(at.length));
  const isMissingSecret = (path: Path) => isNeverReturned(path) && valueAt(value, path) === undefined;
  const missingSecrets = paths.every(isMissingSecret)
    ? paths.map((path) => ({ path, reason: "the login needs this secret" }))
    : [];
  return { ok: false, problems, missingSecrets };
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
  return choice(type, typeNames, mask) + takes + hint;
}

/** What there is to say about each field by itself. */
function fieldRemarks(schema: z.ZodTypeAny, value: unknown, path: Path, quote: Quote): Remark[] {
  if (typeof value === "string") {
    const trait = traitOf(schema);
    if (trait.pem === "certificate" && privateKeysIn(value).length > 0)
      return [{ path, severity: "refusal", message: KEY_IN_CERTIFICATE }];
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
