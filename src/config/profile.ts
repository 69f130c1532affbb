/**
 * Credentials and project from the Atlas CLI's configuration file, where the environment leaves them open.
 * @see https://www.mongodb.com/docs/atlas/cli/current/configure/configuration-file/
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isObject, type JsonObject } from "../json.ts";
import {
  type CredentialSettings,
  type Environment,
  isPlaceholder,
  mistakenCredentials,
  type Settings,
  variableIn,
} from "./settings.ts";

/**
 * Completes `settings` from the Atlas CLI's profile where the environment has no credentials. Where what it has is a
 * mistake they stay as they are: that is to be reported, not to be papered over.
 */
export async function completeSettings(settings: Settings, env: Environment): Promise<Settings> {
  const { credentials } = settings;
  if (credentials.kind !== "missing" || credentials.mistake) return settings;
  const stillMissing = (addition: string): Settings => {
    return { ...settings, credentials: { ...credentials, problem: `${credentials.problem}. ${addition}` } };
  };

  const profile = await readProfile(env);
  if (!profile) {
    const wanted = variableIn(env, "MONGODB_ATLAS_PROFILE");
    return wanted === undefined ? settings : stillMissing(`The Atlas CLI has no profile "${wanted}"`);
  }
  if (!profile.credentials)
    return stillMissing(
      `The Atlas CLI's profile "${profile.name}" contains no keys: newer versions of the Atlas CLI store them in the ` +
        "system keychain, which this server does not read",
    );
  return {
    ...settings,
    credentials: profile.credentials,
    credentialSource: `the Atlas CLI's profile "${profile.name}"`,
    ...(settings.projectId === undefined && profile.projectId !== undefined && { projectId: profile.projectId }),
  };
}

interface Profile {
  name: string;
  /** Absent where the profile holds none, for example because the CLI keeps them in the system's keychain. */
  credentials?: CredentialSettings;
  projectId?: string;
}

/** The profile that `MONGODB_ATLAS_PROFILE` names, or undefined where that file or profile does not exist. */
export async function readProfile(env: Environment, platform = process.platform): Promise<Profile | undefined> {
  const name = variableIn(env, "MONGODB_ATLAS_PROFILE") ?? "default";
  const text = textOfFile(join(configurationFolder(env, platform), "config.toml"));
  if (text === undefined) return undefined;
  const section = await sectionOf(text, name);
  if (!section) return undefined;
  const credentials = credentialsOf(section, name);
  const projectId = textOf(section, "project_id");
  return { name, ...(credentials && { credentials }), ...(!isPlaceholder(projectId) && projectId && { projectId }) };
}

/** Where the Atlas CLI keeps its configuration on a platform. */
function configurationFolder(env: Environment, platform: NodeJS.Platform): string {
  const home = env["HOME"] || homedir();
  if (platform === "win32") return join(env["APPDATA"] || join(home, "AppData", "Roaming"), "atlascli");
  if (platform === "darwin") return join(home, "Library", "Application Support", "atlascli");
  return join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "atlascli");
}

/** Synchronous, since nothing else can be done meanwhile, and waiting for a thread takes longer than reading. */
function textOfFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

async function sectionOf(text: string, name: string): Promise<JsonObject | undefined> {
  const { parse } = await import("smol-toml");
  try {
    const section = parse(text)[name];
    return isObject(section) ? section : undefined;
  } catch {
    // It is another tool's file: where it cannot be read, it counts as missing.
    return undefined;
  }
}

function textOf(section: JsonObject, key: string): string | undefined {
  const value = section[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function credentialsOf(section: JsonObject, profile: string): CredentialSettings | undefined {
  const entry = (name: string) => ({ name, value: textOf(section, name) });
  const mistaken = mistakenCredentials({
    account: [entry("client_id"), entry("client_secret")],
    key: [entry("public_api_key"), entry("private_api_key")],
    others: [entry("project_id")],
    why: "nobody filled it in",
  });
  if (mistaken) return { ...mistaken, problem: `In the Atlas CLI's profile "${profile}", ${mistaken.problem}` };
  const [clientId, clientSecret] = [textOf(section, "client_id"), textOf(section, "client_secret")];
  if (clientId && clientSecret) return { kind: "service-account", clientId, clientSecret };
  const [publicKey, privateKey] = [textOf(section, "public_api_key"), textOf(section, "private_api_key")];
  if (publicKey && privateKey) return { kind: "api-key", publicKey, privateKey };
  return undefined;
}
