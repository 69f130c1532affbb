/** Reads the environment once, into one checked value that the rest of the server trusts. */
import { serveVariables, type Variable, type VariableName, variables } from "./variables.ts";

/**
 * How the server proves to Atlas who it is. `missing` is reported by each call that needs credentials; where something
 * was set and is a `mistake`, nothing else stands in for it. The `secrets` in such a mistake are never shown either.
 */
export type CredentialSettings =
  | { kind: "service-account"; clientId: string; clientSecret: string }
  | { kind: "access-token"; token: string }
  | { kind: "api-key"; publicKey: string; privateKey: string }
  | Missing;

interface Missing {
  kind: "missing";
  problem: string;
  mistake?: true;
  secrets?: readonly string[];
}

/** What credentials come from where nothing else is said. */
export const ENVIRONMENT = "the environment";

export const logLevels = ["debug", "info", "warning", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Groups of tools that can be offered. */
export const toolsetNames = ["connections", "pipelines", "network"] as const;
export type ToolsetName = (typeof toolsetNames)[number];

export interface Settings {
  credentials: CredentialSettings;
  /** Where the credentials come from, in words. */
  credentialSource: string;
  /** The origin of Atlas: no path. */
  baseUrl: string;
  /** That is the embedded sandbox, which ends with the process. */
  sandbox?: true;
  /** Default for `groupId`. */
  projectId?: string;
  /** Default for `tenantName`. */
  tenantName?: string;
  /** Of these arguments, which their defaults would be: why there is none. */
  unfilled?: Readonly<Record<string, string>>;
  readOnly: boolean;
  toolsets: readonly ToolsetName[];
  /** Time limit for one HTTP attempt. */
  timeoutMs: number;
  /** How long to look for a write whose answer was lost. */
  checkMs: number;
  /** How long to wait for a connection to become ready, where a call asks for that. */
  readyMs: number;
  /** How the tools publish the union of connection types. */
  dialect: "union" | "flat";
  /** Names, or prefixes ending in `*`, that `${env:NAME}` may read. */
  secretEnv: readonly string[];
  /** Folder that `${file:NAME}` may read from. */
  secretDir?: string;
  /** The rule of the policy that says so. */
  secretsNamedBy?: string;
  /** Variables, files and values that no reference of an agent may read, though the two above allow it. */
  reserved?: { env: readonly string[]; files: readonly string[]; values: readonly string[] };
  inlineSecrets: "allow" | "refuse";
  /** Whether a person may be asked for secrets on a page of this machine. */
  secretPage: boolean;
  /** The file that says who may do what. */
  policy?: string;
  /** The file to which it is written down what calls change; `-` for a stream of the process. */
  audit?: string;
  logLevel: LogLevel;
  /** URLs of the proxies that the environment names. */
  proxies: readonly string[];
}

/** A value that the server refuses to start with. The message is one line for a person. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The value of a variable. A blank one counts as unset, since clients pass on what a person left blank. So does the
 * placeholder of a setting, which hosts of MCPB bundles pass on instead.
 * @see https://github.com/modelcontextprotocol/mcpb/issues/250
 */
export function variableIn(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value && !/^\$\{user_config\.[^{}]+\}$/.test(value) ? value : undefined;
}

/**
 * Reads the settings from `env`.
 * @throws {SettingsError} for an unusable value, naming the variable, what was given and what is allowed.
 */
export function readSettings(env: Environment): Settings {
  const project = named(env, "MONGODB_ATLAS_PROJECT_ID");
  const tenant = named(env, "ATLAS_STREAMS_MCP_TENANT");
  const [projectId, tenantName] = [project, tenant].map(({ value }) => (isPlaceholder(value) ? undefined : value));
  if (projectId !== undefined && !/^[a-f0-9]{24}$/.test(projectId))
    refuse("MONGODB_ATLAS_PROJECT_ID", projectId, "24 hexadecimal digits (a-f, 0-9)");
  const unfilled = Object.entries({ groupId: project, tenantName: tenant }).flatMap(([argument, setting]) =>
    unfilledIn([setting], unfilledByClient).map((problem) => [argument, problem]),
  );
  const secretDir = variableIn(env, "ATLAS_STREAMS_MCP_SECRET_DIR");
  const policy = variableIn(env, "ATLAS_STREAMS_MCP_POLICY");
  const audit = variableIn(env, "ATLAS_STREAMS_MCP_AUDIT");

  return Object.freeze({
    credentials: readCredentials(env),
    credentialSource: ENVIRONMENT,
    baseUrl: readBaseUrl(env),
    ...(projectId !== undefined && { projectId }),
    ...(tenantName !== undefined && { tenantName }),
    ...(unfilled.length > 0 && { unfilled: Object.fromEntries(unfilled) }),
    readOnly: readChoice(env, "ATLAS_STREAMS_MCP_READ_ONLY", ["true", "false"]) === "true",
    toolsets: toolsetsIn(valueOrDefault(env, "ATLAS_STREAMS_MCP_TOOLSETS"), "ATLAS_STREAMS_MCP_TOOLSETS"),
    timeoutMs: readMilliseconds(env, "ATLAS_STREAMS_MCP_TIMEOUT_MS"),
    checkMs: readMilliseconds(env, "ATLAS_STREAMS_MCP_CHECK_MS"),
    readyMs: readMilliseconds(env, "ATLAS_STREAMS_MCP_READY_MS"),
    dialect: readChoice(env, "ATLAS_STREAMS_MCP_SCHEMA", ["union", "flat"]),
    secretEnv: listIn(valueOrDefault(env, "ATLAS_STREAMS_MCP_SECRET_ENV")),
    ...(secretDir !== undefined && { secretDir }),
    inlineSecrets: readChoice(env, "ATLAS_STREAMS_MCP_INLINE_SECRETS", ["allow", "refuse"]),
    secretPage: readChoice(env, "ATLAS_STREAMS_MCP_SECRET_PAGE", ["on", "off"]) === "on",
    ...(policy !== undefined && { policy }),
    ...(audit !== undefined && { audit }),
    logLevel: readChoice(env, "ATLAS_STREAMS_MCP_LOG", logLevels),
    proxies: ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].flatMap((name) => variableIn(env, name) ?? []),
  });
}

/** The value of a variable, or its default, or nothing. */
export function valueOrDefault(env: Environment, name: VariableName): string {
  const all: readonly Variable[] = [...variables, ...serveVariables];
  const variable = all.find((candidate) => candidate.name === name);
  return variableIn(env, name) ?? variable?.default ?? "";
}

/** @throws {SettingsError} always */
export function refuse(name: string, given: string, allowed: string): never {
  throw new SettingsError(`${name} is ${JSON.stringify(given)}; allowed: ${allowed}`);
}

function readChoice<const T extends string>(env: Environment, name: VariableName, allowed: readonly T[]): T {
  const given = valueOrDefault(env, name);
  return allowed.find((value) => value === given) ?? refuse(name, given, allowed.join(", "));
}

/** The entries of a list that is separated by commas. */
export function listIn(text: string): string[] {
  return text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

/**
 * The toolsets that a list names, which is the value of the variable or flag `name`.
 * @throws {SettingsError} for one that there is not, and for none.
 */
export function toolsetsIn(list: string, name: string): ToolsetName[] {
  const given = listIn(list);
  const unknown = given.find((entry) => !toolsetNames.some((toolset) => toolset === entry));
  if (unknown !== undefined || given.length === 0)
    refuse(name, unknown ?? "", `${toolsetNames.join(", ")}, separated by commas`);
  return toolsetNames.filter((toolset) => given.includes(toolset));
}

function readMilliseconds(env: Environment, name: VariableName): number {
  const given = valueOrDefault(env, name);
  // A timer takes at most 2^31 - 1 milliseconds; given more, it fires at once.
  if (!/^\d{1,10}$/.test(given) || Number(given) < 1 || Number(given) > 2_147_483_647)
    refuse(name, given, "a whole number of milliseconds from 1 to 2147483647");
  return Number(given);
}

function readBaseUrl(env: Environment): string {
  const name = "MONGODB_ATLAS_BASE_URL";
  const given = valueOrDefault(env, name);
  const allowed = "an https:// origin, or http:// to a loopback host";
  // Whatever precedes an `@` may be a password, however malformed the rest is, so the value is not repeated.
  if (given.includes("@"))
    throw new SettingsError(`${name} must not contain a user name or password; allowed: ${allowed}`);
  if (!URL.canParse(given)) refuse(name, given, allowed);
  const url = new URL(given);
  if (url.pathname !== "/" || url.search || url.hash) refuse(name, given, `${allowed}, without a path`);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))
    refuse(name, given, allowed);
  return url.origin;
}

/** Whether `hostname`, as `URL` writes it, can only be this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** A value by the name under which it is set. */
interface NamedValue {
  name: string;
  value: string | undefined;
}

type Pair = readonly [NamedValue, NamedValue];

const named = (env: Environment, name: string): NamedValue => ({ name, value: variableIn(env, name) });

/**
 * What stands where nobody filled in a value: a variable as some client writes it (`${input:id}`, `$NAME`, `%NAME%`,
 * `{{name}}`), `<client id>`, and what examples show of a value, such as `mdb_sa_id_…`.
 */
const PLACEHOLDER = /^(\$?\{.*\}|\$[a-z_][\w:]*|%\w+%|(mdb_sa_(id|sk)_)?<.*>|mdb_sa_(id|sk)_|.*(…|\.{3}))$/i;

const unfilledByClient = "the client did not fill this in";

export const isPlaceholder = (value: string | undefined) => value !== undefined && PLACEHOLDER.test(value);

/** What to say of those values that are placeholders, and `why` they are. */
function unfilledIn(values: readonly NamedValue[], why: string): string[] {
  const names = values.filter(({ value }) => isPlaceholder(value)).map(({ name }) => name);
  if (names.length === 0) return [];
  return [`${names.join(", ")} ${names.length === 1 ? "holds a placeholder" : "hold placeholders"}: ${why}`];
}

/** Where the halves of a pair are in each other's place: what each half holds then, and how that is known. */
function exchangedIn(pair: Pair, looks: readonly { like: RegExp; says: string }[], what: string): string[] {
  const signs = pair.flatMap(({ name, value = "" }, at) =>
    looks[at]?.like.test(value) ? `${name} ${looks[at].says}` : [],
  );
  return signs.length === 0 ? [] : [`${signs.join(", ")}: the ${what} are exchanged`];
}

const exchangedAccount = [
  { like: /^mdb_sa_sk_/, says: "begins with mdb_sa_sk_" },
  { like: /^mdb_sa_id_/, says: "begins with mdb_sa_id_" },
];
const exchangedKey = [{ like: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i, says: "has the form of a private key" }];

/** What was set of credentials and of what goes with them. */
interface SetValues {
  /** The two halves of a service account. */
  account: Pair;
  /** The two halves of an API key. */
  key: Pair;
  others: readonly NamedValue[];
  /** What is known to be incomplete. */
  incomplete?: readonly string[];
  /** Why a placeholder is one. */
  why: string;
}

/** What there is instead of credentials where what was set is a mistake. */
export function mistakenCredentials({ account, key, others, incomplete = [], why }: SetValues): Missing | undefined {
  const exchanged = [
    ...exchangedIn(account, exchangedAccount, "client ID and the client secret"),
    ...exchangedIn(key, exchangedKey, "public key and the private key"),
  ];
  const set = [...account, ...key, ...others];
  const problems = [...unfilledIn(set, why), ...exchanged, ...incomplete];
  if (problems.length === 0) return undefined;
  const secrets = exchanged.length > 0 && { secrets: [...account, ...key].flatMap(({ value }) => value ?? []) };
  return { kind: "missing", problem: problems.join("; "), mistake: true, ...secrets };
}

function readCredentials(env: Environment): CredentialSettings {
  const account = readPair(env, ["MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"]);
  const token = variableIn(env, "MONGODB_ATLAS_ACCESS_TOKEN");
  const key = readPair(
    env,
    ["MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"],
    ["MONGODB_ATLAS_PUBLIC_API_KEY", "MONGODB_ATLAS_PRIVATE_API_KEY"],
  );
  // A mistake counts even where another kind is complete: somebody meant to use this one.
  const others = [
    "MONGODB_ATLAS_ACCESS_TOKEN",
    "MONGODB_ATLAS_PROJECT_ID",
    "ATLAS_STREAMS_MCP_TENANT",
    "MONGODB_ATLAS_PROFILE",
  ].map((name) => named(env, name));
  const incomplete = [...incompleteIn(account), ...incompleteIn(key)];
  const mistaken = mistakenCredentials({ account, key, others, incomplete, why: unfilledByClient });
  if (mistaken) return mistaken;
  const [{ value: clientId }, { value: clientSecret }] = account;
  if (clientId && clientSecret) return { kind: "service-account", clientId, clientSecret };
  if (token) return { kind: "access-token", token };
  const [{ value: publicKey }, { value: privateKey }] = key;
  if (publicKey && privateKey) return { kind: "api-key", publicKey, privateKey };
  return {
    kind: "missing",
    problem:
      "No Atlas credentials are set. Set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET (service account), " +
      "or MONGODB_ATLAS_ACCESS_TOKEN, or MONGODB_ATLAS_PUBLIC_KEY and MONGODB_ATLAS_PRIVATE_KEY (API key)",
  };
}

/** The two halves of a pair of variables, in whichever of its spellings they are set. */
function readPair(env: Environment, ...spellings: [string, string][]): Pair {
  const half = (names: string[]) => named(env, names.find((name) => variableIn(env, name)) ?? names[0] ?? "");
  const used = spellings.filter((names) => names.some((name) => variableIn(env, name)));
  const order = used.length > 0 ? [...used, ...spellings] : spellings;
  return [half(order.map(([first]) => first)), half(order.map(([, second]) => second))];
}

function incompleteIn([first, second]: Pair): string[] {
  if (Boolean(first.value) === Boolean(second.value)) return [];
  const [set, missing] = first.value ? [first, second] : [second, first];
  return [`${set.name} is set but ${missing.name} is not; set both`];
}

/** Every value in the settings that must never be shown: secrets of the credentials, and passwords of proxies. */
export function settingSecrets({ credentials, proxies }: Pick<Settings, "credentials" | "proxies">): string[] {
  return [...credentialSecrets(credentials), ...proxies.flatMap(proxyPassword)];
}

/** The password in a proxy's URL, as written there and as sent. */
function proxyPassword(proxy: string): string[] {
  if (!URL.canParse(proxy)) return [];
  const { password } = new URL(proxy);
  try {
    return [password, decodeURIComponent(password)].filter(Boolean);
  } catch {
    return [password];
  }
}

/** Every value in the credentials that must never be shown. */
export function credentialSecrets(credentials: CredentialSettings): string[] {
  switch (credentials.kind) {
    case "service-account":
      return [credentials.clientSecret];
    case "access-token":
      return [credentials.token];
    case "api-key":
      return [credentials.privateKey];
    case "missing":
      return [...(credentials.secrets ?? [])];
  }
}

/** The configured values of arguments, by the argument. */
export function configuredDefaults({
  projectId,
  tenantName,
}: Pick<Settings, "projectId" | "tenantName">): ReadonlyMap<string, string> {
  return new Map(
    Object.entries({ groupId: projectId, tenantName }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
}
