/**
 * The policy: a JSON file that says what may be done, whatever an agent asks and the credentials could do. Its schema is
 * what `--print-policy-schema` prints. All that is wrong with a file is told at once, each fault with its path.
 */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod/v3";
import { tiers } from "../atlas/regions-and-tiers.ts";
import type { CredentialSettings } from "../config/settings.ts";
import { typeName } from "../connections/union.ts";
import { isObject, type JsonObject, mapStrings, type Path, samePath, stringsIn, valueAt } from "../json.ts";
import { check, type Note, noteLine, quoted } from "../schema/problems.ts";
import { nearest } from "../schema/spelling.ts";
import { ruleGate } from "./gate.ts";
import { hostPatternProblem } from "./hosts.ts";
import { type Caller, fitsPattern, type KnownTool, type OperatorReferences, type Rule, toolClasses } from "./rule.ts";

export type { Caller, Rule } from "./rule.ts";

export interface Policy {
  readonly rules: readonly Rule[];
  /** What the references of the file read. */
  readonly operator: OperatorReferences;
  /** For callers whom no rule fits: it allows nothing. */
  readonly nobody: Rule;
  /** The first rule that is for the caller; on stdio, where nobody says who calls, the first without `who`. */
  ruleFor(caller: Caller | undefined): Rule | undefined;
}

/** A policy that cannot be used. */
export class PolicyError extends Error {
  override name = "PolicyError";
  readonly faults: readonly Note[];

  constructor(faults: readonly Note[]) {
    super(`The policy cannot be used:\n${faults.map((fault) => `  ${noteLine(fault)}`).join("\n")}`);
    this.faults = faults;
  }
}

const oneLine = (description: string) => z.string().min(1).describe(description);
const some = <T extends z.ZodTypeAny>(entry: T, description: string) => z.array(entry).min(1).describe(description);

/** Refuses a text for the reason that `problem` gives. */
const unless = (description: string, problem: (text: string) => string | undefined) =>
  z
    .string()
    .superRefine((text, context) => {
      const message = problem(text);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    })
    .describe(description);

const patternProblem = (text: string) => {
  if (text === "") return "must not be empty";
  return text.slice(0, -1).includes("*") ? "can have * only at its end, where it stands for the rest" : undefined;
};

/** The schema of a policy for a server with these tools. */
export function policySchema(tools: readonly KnownTool[]) {
  const names = tools.map(({ name }) => name);
  const heads = names.flatMap((name) => [...name.matchAll(/_/g)].map(({ index }) => `${name.slice(0, index + 1)}*`));
  const toolEntry = unless("A tool, a name whose end is *, or read, write or delete", (text) => {
    const problem = patternProblem(text);
    if (problem !== undefined) return problem;
    if (toolClasses.some((each) => each === text) || names.some((name) => fitsPattern(name, text))) return undefined;
    const meant = nearest(text, text.endsWith("*") ? heads : [...toolClasses, ...names]);
    return `${quoted(text)} fits no tool${meant === undefined ? "" : `; did you mean ${meant}?`}`;
  });
  const rule = z
    .object({
      name: oneLine("Told where the rule refuses something"),
      who: z
        .object({
          groups: z.array(oneLine("As the issuer names it")).optional().describe("Groups, any of which suffices"),
          subjects: z.array(oneLine("As the issuer names it")).optional().describe("People, any of whom suffices"),
        })
        .strict()
        .optional()
        .describe("For whom; left out, for whoever starts the server on stdio"),
      credential: oneLine("One of credentials; left out, those of the environment").optional(),
      secrets: z
        .object({
          env: z.array(unless("A name, or one whose end is *", patternProblem)).optional().describe("For ${env:NAME}"),
          dir: oneLine("Folder for ${file:NAME}").optional(),
        })
        .strict()
        .optional()
        .describe("What the references of agents may read"),
      projects: some(
        unless("An id of 24 hexadecimal digits, or * for all", (text) =>
          text === "*" || /^[a-f0-9]{24}$/i.test(text)
            ? undefined
            : "must be an id of 24 hexadecimal digits, or * for all that the credentials see",
        ),
        "Projects",
      ),
      workspaces: some(unless("A name, or one whose end is *", patternProblem), "Workspaces").optional(),
      tools: z
        .object({
          allow: some(toolEntry, "What is allowed"),
          deny: z.array(toolEntry).optional().describe("What is not, whatever allow says"),
        })
        .strict()
        .describe("Tools"),
      connections: z
        .object({
          types: some(typeName, "Types").optional(),
          hosts: some(unless("Such as *.corp.example or *.corp.example:9092", hostPatternProblem), "Hosts").optional(),
        })
        .strict()
        .optional()
        .describe("What connections may be, and where they may lead"),
      tiers: some(z.enum(tiers), "Tiers on which processors may run").optional(),
    })
    .strict();
  const credential = z
    .object({
      clientId: oneLine("Of the service account; ${env:NAME} or ${file:PATH}"),
      clientSecret: oneLine("Its secret, as ${env:NAME} or ${file:PATH}"),
    })
    .strict();
  return z
    .object({
      $schema: z.string().optional().describe("For editors"),
      version: z.literal(1).describe("1"),
      credentials: z.record(credential).optional().describe("Service accounts, by a name"),
      rules: some(rule, "The first that is for the caller counts"),
    })
    .strict();
}

type PolicyFile = z.output<ReturnType<typeof policySchema>>;

export interface PolicySources {
  /** The tools of this server. */
  tools: readonly KnownTool[];
  env: Readonly<Record<string, string | undefined>>;
  /** What relative paths in the file begin from; default: the process's own folder. */
  folder?: string;
}

/**
 * Reads the text of a policy, and what its references name.
 * @throws {PolicyError} with every fault and its path.
 */
export function readPolicy(text: string, sources: PolicySources): Policy {
  const value = parsed(text);
  const schema = policySchema(sources.tools);
  const read = check(schema, value, []);
  const references = resolveOwn(value, sources);
  const faults = [
    ...repeatedFields(text),
    ...(read.ok ? [] : read.problems.map(inPolicy)),
    ...references.faults,
    ...across(value).filter(({ path }) => read.ok || !read.problems.some((each) => samePath(each.path, path))),
  ];
  if (!read.ok || faults.length > 0) throw new PolicyError(faults);
  const { credentials = {}, rules } = read.value;
  const resolved = Object.fromEntries(
    Object.entries(credentials).map(([name, credential]) => {
      const at = (field: keyof typeof credential) => String(valueAt(references.value, ["credentials", name, field]));
      return [name, { kind: "service-account" as const, clientId: at("clientId"), clientSecret: at("clientSecret") }];
    }),
  );
  const operator: OperatorReferences = {
    env: references.env,
    files: references.files,
    values: [...new Set([...Object.values(resolved).map(({ clientSecret }) => clientSecret), ...references.values])],
  };
  const held = rules.map((rule) => heldRule(rule, resolved, operator, sources));
  return {
    rules: held,
    operator,
    nobody: withGate({ name: "", projects: [], tools: { allow: [], deny: [] }, operator }),
    ruleFor: (caller) => held.find(({ who }) => (caller ? who && isMeant(who, caller) : who === undefined)),
  };
}

const isMeant = ({ groups, subjects }: NonNullable<Rule["who"]>, caller: Caller): boolean =>
  subjects.includes(caller.subject) || caller.groups.some((group) => groups.includes(group));

function withGate(rule: Omit<Rule, "gate">): Rule {
  const whole: Rule = { ...rule, gate: (options) => ruleGate(whole, options) };
  return whole;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    // What a parser says may repeat a part of the file, which may be a secret.
    const where =
      error instanceof Error ? /(?:at )?position \d+(?: \(line \d+ column \d+\))?/.exec(error.message)?.[0] : undefined;
    throw new PolicyError([
      { path: ["policy"], message: `is no valid JSON${where === undefined ? "" : ` (${where})`}` },
    ]);
  }
}

/** Of a field that stands there twice JSON takes the last, so what limits may be gone without a word. */
function repeatedFields(text: string): Note[] {
  const faults: Note[] = [];
  const open: { names: Set<string> | undefined; step: string }[] = [];
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/g)) {
    const inner = open.at(-1);
    if (token === "{" || token === "[") open.push({ names: token === "{" ? new Set() : undefined, step: "0" });
    else if (token === "}" || token === "]") open.pop();
    else if (token === ",") {
      if (inner && !inner.names) inner.step = String(Number(inner.step) + 1);
    } else if (inner?.names && /^\s*:/.test(text.slice(index + token.length))) {
      inner.step = String(JSON.parse(token));
      if (inner.names.has(inner.step))
        faults.push({ path: open.map(({ step }) => step), message: "stands there twice" });
      inner.names.add(inner.step);
    }
  }
  return faults;
}

/** The words are made for arguments. */
const inPolicy = ({ path, message }: Note): Note => ({
  path: path.length === 0 ? ["policy"] : path,
  message: message.replace(/^is not an argument/, "is not a field of a policy"),
});

function heldRule(
  rule: PolicyFile["rules"][number],
  credentials: Readonly<Record<string, CredentialSettings>>,
  operator: OperatorReferences,
  { folder = "." }: PolicySources,
): Rule {
  const { name, who, credential, secrets, projects, workspaces, tools, connections, tiers } = rule;
  const settings = credential === undefined ? undefined : credentials[credential];
  const { types, hosts } = connections ?? {};
  return withGate({
    name,
    ...(who && { who: { groups: who.groups ?? [], subjects: who.subjects ?? [] } }),
    ...(credential !== undefined && settings && { credential: { name: credential, settings } }),
    ...(secrets && {
      secrets: { env: secrets.env ?? [], ...(secrets.dir !== undefined && { dir: resolve(folder, secrets.dir) }) },
    }),
    projects: projects.map((id) => id.toLowerCase()),
    ...(workspaces && { workspaces }),
    tools: { allow: tools.allow, deny: tools.deny ?? [] },
    ...(connections && { connections: { ...(types && { types }), ...(hosts && { hosts }) } }),
    ...(tiers && { tiers }),
    operator,
  });
}

/** What is wrong across fields. The value may be anything. */
function across(value: unknown): Note[] {
  const credentials = Object.keys(asObject(valueAt(value, ["credentials"])));
  const found = valueAt(value, ["rules"]);
  const rules: readonly unknown[] = Array.isArray(found) ? found : [];
  const names = rules.map((rule) => asObject(rule)["name"]);
  // An object cannot be asked for it as for any other name.
  const odd = credentials
    .filter((name) => name === "__proto__")
    .map((name) => ({ path: ["credentials", name], message: "cannot be a name" }));
  const faults = rules.flatMap((rule, index) => {
    const at = ["rules", `${index}`];
    const { name, who, credential } = asObject(rule);
    const { groups, subjects } = asObject(who);
    const isForNobody = isObject(who) && [groups, subjects].every((list) => !Array.isArray(list) || list.length === 0);
    const isUnknown = typeof credential === "string" && !credentials.includes(credential);
    const meant = isUnknown ? nearest(credential, credentials) : undefined;
    return [
      ...(typeof name === "string" && names.indexOf(name) < index
        ? [{ path: [...at, "name"], message: "is the name of an earlier rule" }]
        : []),
      ...(isForNobody ? [{ path: [...at, "who"], message: "names nobody: give groups or subjects" }] : []),
      ...(isUnknown
        ? [
            {
              path: [...at, "credential"],
              message: `names none of credentials: ${quoted(credential)}${meant === undefined ? "" : `; did you mean ${meant}?`} There are: ${credentials.join(", ") || "none"}`,
            },
          ]
        : []),
    ];
  });
  return [...odd, ...faults];
}

const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {});

const REFERENCE = /\$\{(env|file):([^}]*)\}/g;
/** Files above this size hold no secret. */
const MAX_FILE_BYTES = 64 * 1024;

interface OwnReferences {
  value: unknown;
  /** What was read. */
  values: string[];
  env: string[];
  files: string[];
  faults: Note[];
}

/** The file with what its references stand for. They are the operator's, so no allow-list holds them. */
function resolveOwn(value: unknown, { env, folder = "." }: PolicySources): OwnReferences {
  const own: OwnReferences = { value, values: [], env: [], files: [], faults: [] };
  const isCredential = (path: Path) => path[0] === "credentials" && path.length === 3;
  for (const { text, path } of stringsIn(value))
    if (!isCredential(path) && path[0] !== "$schema" && text.search(REFERENCE) >= 0)
      own.faults.push({ path, message: "holds a reference, which only clientId and clientSecret take" });
  const lookUp = (kind: string, name: string): string | undefined => {
    if (kind === "env") {
      own.env.push(name);
      return (Object.hasOwn(env, name) && env[name]?.trim()) || undefined;
    }
    const file = resolve(folder, name);
    own.files.push(file);
    return textOf(file);
  };
  own.value = mapStrings(value, (text, path) =>
    isCredential(path)
      ? text.replaceAll(REFERENCE, (reference, kind: string, name: string) => {
          const found = lookUp(kind, name);
          const what =
            kind === "env" ? "is not set, or blank" : "cannot be read as a text of at most 64 KiB, or is blank";
          if (found === undefined) own.faults.push({ path, message: `${reference} ${what}` });
          else own.values.push(found);
          return found ?? "";
        })
      : text,
  );
  return own;
}

/** The text of a file, without a byte order mark and the line break at its end. */
function textOf(file: string): string | undefined {
  try {
    const found = statSync(file);
    if (!found.isFile() || found.size > MAX_FILE_BYTES) return undefined;
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file)).trim() || undefined;
  } catch {
    return undefined;
  }
}
