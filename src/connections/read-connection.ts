/** A connection as an agent gives it → one that Atlas takes, or what is wrong with it. */
import type { z } from "zod/v3";
import type { MissingSecret, Remark } from "./connection-type.ts";
import { traitOf } from "./fields.ts";
import { valueAt } from "./paths.ts";
import { check, choice, dotted, type Problem, quoted } from "./problems.ts";
import { isSecretPlace } from "./secret-fields.ts";
import { nearMiss } from "./spelling.ts";
import { propertiesOf } from "./structure.ts";
import { type Connection, connectionSchema, connectionTypes } from "./union.ts";

export type Reading =
  | { ok: true; connection: Connection; warnings: string[]; missingSecrets: MissingSecret[] }
  | {
      ok: false;
      problems: Problem[];
      /** Secrets whose absence is all that is wrong; none where something else is wrong too. */
      missingSecrets: MissingSecret[];
    };

const typeNames = connectionTypes.map(({ type }) => type);

/** Checks a connection whose leniencies and references are done with. */
export function readConnection(value: unknown): Reading {
  const parsed = check(connectionSchema, value, ["connection"]);
  if (!parsed.ok) {
    const type = parsed.problems.find(({ path }) => path === "connection.type");
    if (type) return { ok: false, problems: [{ ...type, message: typeProblem(value) }], missingSecrets: [] };
    const { problems } = parsed;
    return {
      ok: false,
      problems,
      missingSecrets: problems.every(isMissingSecret(value)) ? problems.map(asMissing) : [],
    };
  }
  const connection = parsed.value;
  const own = connectionTypes.filter(({ type }) => type === connection.type);
  const remarks = own.flatMap(({ schema, review }) => [
    ...spellingRemarks(schema, connection, []),
    ...review(connection),
  ]);
  const say = ({ path, message }: Remark) => ({ path: dotted(["connection", ...path]), message });
  const refusals = remarks.filter(({ severity }) => severity === "refusal");
  if (refusals.length > 0) return { ok: false, problems: refusals.map(say), missingSecrets: [] };
  return {
    ok: true,
    connection,
    warnings: remarks.map(say).map(({ path, message }) => `${path}: ${message}`),
    missingSecrets: own.flatMap(({ missingSecrets }) => missingSecrets(connection)),
  };
}

/** The path of a problem, from the connection. */
const placeOf = ({ path }: Problem) => path.split(".").slice(1);

const isMissingSecret = (value: unknown) => (problem: Problem) =>
  isSecretPlace(placeOf(problem)) && valueAt(value, placeOf(problem)) === undefined;

const asMissing = (problem: Problem): MissingSecret => ({ path: placeOf(problem), reason: "it logs in with a secret" });

/** The word on a `type` that is missing or unknown, with the types that the given fields fit. */
function typeProblem(value: unknown): string {
  const { type, ...fields } = { type: undefined, ...(typeof value === "object" ? value : {}) };
  const names = Object.keys(fields).filter((name) => name !== "name" && name !== "region");
  const fitting = connectionTypes.filter(({ schema }) => names.every((name) => Object.hasOwn(schema.shape, name)));
  const hint =
    type === undefined && names.length > 0 && fitting.length > 0 && fitting.length < connectionTypes.length
      ? `; the given fields fit ${fitting.map((candidate) => candidate.type).join(", ")}`
      : "";
  return choice(type, typeNames) + hint;
}

/** Near misses and undocumented values of the fields whose documented values are open-ended. */
function spellingRemarks(schema: z.ZodTypeAny, value: unknown, path: string[]): Remark[] {
  if (typeof value === "string") {
    const { known } = traitOf(schema);
    if (!known || known.includes(value)) return [];
    const meant = nearMiss(value, known);
    const given = quoted(value);
    return [
      meant
        ? { path, severity: "refusal", message: `${given} was given; Atlas spells it ${JSON.stringify(meant)}` }
        : {
            path,
            severity: "warning",
            message: `${given} is not a documented value (${known.join(", ")}); it was sent as it is`,
          },
    ];
  }
  if (typeof value !== "object" || value === null) return [];
  return propertiesOf(schema).flatMap(([name, property]) =>
    spellingRemarks(property, Reflect.get(value, name), [...path, name]),
  );
}
