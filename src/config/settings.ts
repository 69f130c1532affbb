/** Reads the environment once, into one checked value that the rest of the server trusts. */
import { type Variable, type VariableName, variables } from "./variables.ts";

/** How the server proves to Atlas who it is. `missing` is reported by each call that needs credentials. */
export type CredentialSettings =
  | { kind: "service-account"; clientId: string; clientSecret: string }
  | { kind: "access-token"; token: string }
  | { kind: "api-key"; publicKey: string; privateKey: string }
  | { kind: "missing"; problem: string; incompletePair?: true };

export const logLevels = ["debug", "info", "warning", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Groups of tools that can be offered. */
export const toolsetNames = ["connections", "pipelines"] as const;
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
  inlineSecrets: "allow" | "refuse";
  /** Whether a person may be asked for secrets on a page of this machine. */
  secretPage: boolean;
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
  const projectId = variableIn(env, "MONGODB_ATLAS_PROJECT_ID");
  if (projectId !== undefined && !/^[a-f0-9]{24}$/.test(projectId))
    refuse("MONGODB_ATLAS_PROJECT_ID", projectId, "24 hexadecimal digits (a-f, 0-9)");
  const tenantName = variableIn(env, "ATLAS_STREAMS_MCP_TENANT");
  const secretDir = variableIn(env, "ATLAS_STREAMS_MCP_SECRET_DIR");

  return Object.freeze({
    credentials: readCredentials(env),
    credentialSource: "the environment",
    baseUrl: readBaseUrl(env),
    ...(projectId !== undefined && { projectId }),
    ...(tenantName !== undefined && { tenantName }),
    readOnly: readChoice(env, "ATLAS_STREAMS_MCP_READ_ONLY", ["true", "false"]) === "true",
    toolsets: readChoices(env, "ATLAS_STREAMS_MCP_TOOLSETS", toolsetNames),
    timeoutMs: readMilliseconds(env, "ATLAS_STREAMS_MCP_TIMEOUT_MS"),
    checkMs: readMilliseconds(env, "ATLAS_STREAMS_MCP_CHECK_MS"),
    readyMs: readMilliseconds(env, "ATLAS_STREAMS_MCP_READY_MS"),
    dialect: readChoice(env, "ATLAS_STREAMS_MCP_SCHEMA", ["union", "flat"]),
    secretEnv: readList(env, "ATLAS_STREAMS_MCP_SECRET_ENV"),
    ...(secretDir !== undefined && { secretDir }),
    inlineSecrets: readChoice(env, "ATLAS_STREAMS_MCP_INLINE_SECRETS", ["allow", "refuse"]),
    secretPage: readChoice(env, "ATLAS_STREAMS_MCP_SECRET_PAGE", ["on", "off"]) === "on",
    logLevel: readChoice(env, "ATLAS_STREAMS_MCP_LOG", logLevels),
    proxies: ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].flatMap((name) => variableIn(env, name) ?? []),
  });
}

function valueOrDefault(env: Environment, name: VariableName): string {
  const variable: Variable | undefined = variables.find((candidate) => candidate.name === name);
  return variableIn(env, name) ?? variable?.default ?? "";
}

function refuse(name: VariableName, given: string, allowed: string): never {
  throw new SettingsError(`${name} is ${JSON.stringify(given)}; allowed: ${allowed}`);
}

function readChoice<const T extends string>(env: Environment, name: VariableName, allowed: readonly T[]): T {
  const given = valueOrDefault(env, name);
  return allowed.find((value) => value === given) ?? refuse(name, given, allowed.join(", "));
}

function readList(env: Environment, name: VariableName): string[] {
  return valueOrDefault(env, name)
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

function readChoices<const T extends string>(env: Environment, name: VariableName, allowed: readonly T[]): T[] {
  const given = readList(env, name);
  const unknown = given.find((entry) => !allowed.some((value) => value === entry));
  if (unknown !== undefined || given.length === 0)
    refuse(name, unknown ?? "", `${allowed.join(", ")}, separated by commas`);
  return allowed.filter((value) => given.includes(value));
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

function readCredentials(env: Environment): CredentialSettings {
  const [clientId, clientSecret] = readPair(env, ["MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"]);
  const token = variableIn(env, "MONGODB_ATLAS_ACCESS_TOKEN");
  const [publicKey, privateKey] = readPair(
    env,
    ["MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"],
    ["MONGODB_ATLAS_PUBLIC_API_KEY", "MONGODB_ATLAS_PRIVATE_API_KEY"],
  );

  // Half a pair is a mistake even where another kind is complete: somebody meant to use the pair.
  const incomplete = [...problemsOfPair(clientId, clientSecret), ...problemsOfPair(publicKey, privateKey)];
  if (incomplete.length > 0) return { kind: "missing", problem: incomplete.join("; "), incompletePair: true };
  if (clientId.value && clientSecret.value)
    return { kind: "service-account", clientId: clientId.value, clientSecret: clientSecret.value };
  if (token) return { kind: "access-token", token };
  if (publicKey.value && privateKey.value)
    return { kind: "api-key", publicKey: publicKey.value, privateKey: privateKey.value };
  return {
    kind: "missing",
    problem:
      "No Atlas credentials are set. Set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET (service account), " +
      "or MONGODB_ATLAS_ACCESS_TOKEN, or MONGODB_ATLAS_PUBLIC_KEY and MONGODB_ATLAS_PRIVATE_KEY (API key)",
  };
}

interface Half {
  name: string;
  value: string | undefined;
}

/** The two halves of a pair of variables, in whichever of its spellings they are set. */
function readPair(env: Environment, ...spellings: [string, string][]): [Half, Half] {
  const half = (names: string[]): Half => {
    const name = names.find((candidate) => variableIn(env, candidate));
    return { name: name ?? names[0] ?? "", value: name && variableIn(env, name) };
  };
  const used = spellings.filter((names) => names.some((name) => variableIn(env, name)));
  const order = used.length > 0 ? [...used, ...spellings] : spellings;
  return [half(order.map(([first]) => first)), half(order.map(([, second]) => second))];
}

function problemsOfPair(first: Half, second: Half): string[] {
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
      return [];
  }
}
