/** Settings completed from the Atlas CLI's profile where the environment leaves credentials open. */
import { type Settings, variableIn } from "./settings.ts";

/**
 * The settings as they are where the environment has credentials, or half of them: half a pair is a mistake to be told,
 * not to be papered over.
 */
export async function completeSettings(settings: Settings, env: NodeJS.ProcessEnv): Promise<Settings> {
  const { credentials } = settings;
  if (credentials.kind !== "missing" || credentials.half) return settings;
  const { readProfile } = await import("./profile.ts");
  const profile = await readProfile(env);
  if (!profile) {
    const wanted = variableIn(env, "MONGODB_ATLAS_PROFILE");
    if (wanted === undefined) return settings;
    const problem = `${credentials.problem}. The Atlas CLI has no profile "${wanted}"`;
    return { ...settings, credentials: { ...credentials, problem } };
  }
  const source = `the Atlas CLI's profile "${profile.name}"`;
  if (!profile.credentials) {
    const problem = `${credentials.problem}. ${source} holds no keys: newer versions of the Atlas CLI keep them in the system's keychain, where this server does not look`;
    return { ...settings, credentials: { ...credentials, problem: capitalised(problem) } };
  }
  return {
    ...settings,
    credentials: profile.credentials,
    credentialSource: source,
    ...(settings.projectId === undefined && profile.projectId !== undefined && { projectId: profile.projectId }),
  };
}

const capitalised = (text: string) => text.replace(/\. the /g, ". The ");
