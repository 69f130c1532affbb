/** What the settings say of a policy and an audit: both are loaded only where they are set. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Audit } from "../audit/audit.ts";
import { type Environment, type Settings, SettingsError } from "../config/settings.ts";
import type { Policy } from "../policy/policy.ts";
import type { Rule } from "../policy/rule.ts";
import { generatedTools } from "../tools/generated/tools.ts";

/**
 * The policy in the file that the settings name, if they name one.
 * @throws {SettingsError} with every fault of it.
 */
export async function policyOf({ policy: file }: Settings, env: Environment): Promise<Policy | undefined> {
  if (file === undefined) return undefined;
  const { PolicyError, readPolicy } = await import("../policy/policy.ts");
  try {
    return readPolicy(textOf(file), { tools: generatedTools, env, folder: dirname(resolve(file)) });
  } catch (error) {
    throw error instanceof PolicyError ? new SettingsError(`${file}: ${error.message}`) : error;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SettingsError(`The policy ${file} cannot be read (${codeOf(error)})`);
  }
}

/** The rule for whoever starts the server on stdio: one that allows nothing where the policy has none for them. */
export const ruleOnStdio = (policy: Policy | undefined): Rule | undefined =>
  policy && (policy.ruleFor(undefined) ?? policy.nobody);

/**
 * The audit that the settings name, if they name one; `stream` is what `-` means.
 * @throws {SettingsError} where the file cannot be opened.
 */
export async function auditOf({ audit: target }: Settings, stream: 1 | 2): Promise<Audit | undefined> {
  if (target === undefined) return undefined;
  const { AuditFailure, openAudit } = await import("../audit/audit.ts");
  try {
    return openAudit(target === "-" ? stream : target);
  } catch (error) {
    throw error instanceof AuditFailure
      ? new SettingsError(`The audit ${target} cannot be opened (${error.message})`)
      : error;
  }
}

const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "unknown");
