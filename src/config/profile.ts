/**
 * Credentials from the Atlas CLI's configuration file, for what the environment leaves open.
 * @see https://www.mongodb.com/docs/atlas/cli/current/configure/configuration-file/
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isObject, type JsonObject } from "../json.ts";
import { type CredentialSettings, variableIn } from "./settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface Profile {
  name: string;
  /** Absent where the profile holds none, e.g. because the CLI keeps them in the system's keychain. */
  credentials?: CredentialSettings;
  projectId?: string;
}

/** The profile that `MONGODB_ATLAS_PROFILE` names, or undefined where there is no such file or profile. */
export async function readProfile(env: Environment, platform = process.platform): Promise<Profile | undefined> {
  const name = variableIn(env, "MONGODB_ATLAS_PROFILE") ?? "default";
  const text = textOfFile(join(configurationFolder(env, platform), "config.toml"));
  if (text === undefined) return undefined;
  const section = await sectionOf(text, name);
  if (!section) return undefined;
  const credentials = credentialsOf(section);
  const projectId = textOf(section, "project_id");
  return { name, ...(credentials && { credentials }), ...(projectId && { projectId }) };
}

/** Where the Atlas CLI keeps its configuration on a platform. */
function configurationFolder(env: Environment, platform: NodeJS.Platform): string {
  const home = env["HOME"] || homedir();
  if (platform === "win32") return join(env["APPDATA"] || join(home, "AppData", "Roaming"), "atlascli");
  if (platform === "darwin") return join(home, "Library", "Application Support", "atlascli");
  return join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "atlascli");
}

/** At once, since nothing else can be done meanwhile: to wait for a thread takes longer than to read. */
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
    // A file that another tool wrote and that cannot be read is as good as none.
    return undefined;
  }
}

function textOf(section: JsonObject, key: string): string | undefined {
  const value = section[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function credentialsOf(section: JsonObject): CredentialSettings | undefined {
  const [clientId, clientSecret] = [textOf(section, "client_id"), textOf(section, "client_secret")];
  if (clientId && clientSecret) return { kind: "service-account", clientId, clientSecret };
  const [publicKey, privateKey] = [textOf(section, "public_api_key"), textOf(section, "private_api_key")];
  if (publicKey && privateKey) return { kind: "api-key", publicKey, privateKey };
  return undefined;
}
