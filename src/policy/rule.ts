/** A rule of a policy as it is held: who it is for, and what they may do. What it leaves out it does not limit. */
import type { Gate } from "../atlas/atlas.ts";
import type { AtlasRequest } from "../atlas/endpoints.ts";
import type { CredentialSettings } from "../config/settings.ts";
import type { Mask } from "../mask.ts";

/** Who calls. */
export interface Caller {
  subject: string;
  groups: readonly string[];
  /** The program through which they call. */
  client?: string;
}

export interface Rule {
  name: string;
  /** Left out, it is for whoever starts the server on stdio. */
  who?: { groups: readonly string[]; subjects: readonly string[] };
  /** What Atlas sees; left out, the credentials of the environment. */
  credential?: { name: string; settings: CredentialSettings };
  /** What references may read, in place of the settings for that. */
  secrets?: { env: readonly string[]; dir?: string };
  /** Ids, or `*` for all that the credentials see. */
  projects: readonly string[];
  /** Names; `*` at the end stands for the rest of one. */
  workspaces?: readonly string[];
  tools: { allow: readonly string[]; deny: readonly string[] };
  connections?: { types?: readonly string[]; hosts?: readonly string[] };
  /** On which processors may run. */
  tiers?: readonly string[];
  /** What the references of the policy's own file read; the same for all its rules. */
  operator: OperatorReferences;
  /** What stands between a call under the rule and Atlas. */
  gate(options: GateOptions): Gate;
}

export interface GateOptions {
  /** For names that stand in a refusal. */
  mask: Mask;
  /** Whether the request starts again what this process has stopped for a while, which needs nothing. */
  owes: (request: AtlasRequest) => boolean;
}

/** What belongs to whoever wrote the policy: no reference of an agent reaches it. */
export interface OperatorReferences {
  /** Names of variables. */
  env: readonly string[];
  /** Absolute paths. */
  files: readonly string[];
  /** Secrets of every credential, and all that was read. */
  values: readonly string[];
}

/** The classes that tools are named by in a rule. */
export const toolClasses = ["read", "write", "delete"] as const;
export type ToolClass = (typeof toolClasses)[number];

/** What is known of a tool where it is judged. */
export interface KnownTool {
  name: string;
  annotations: { readOnlyHint: boolean; destructiveHint: boolean };
}

/** The class that a tool's annotations give; changing destroys too, so only the name tells that something is deleted. */
export function classOf({ name, annotations }: KnownTool): ToolClass {
  if (annotations.readOnlyHint) return "read";
  return annotations.destructiveHint && name.startsWith("delete_") ? "delete" : "write";
}

/** Whether a text fits a pattern, in which `*` at the end stands for the rest. */
export const fitsPattern = (text: string, pattern: string): boolean =>
  pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern;

/** Whether an entry of a rule's `tools` means the tool. Who may not write may not delete either. */
const means = (entry: string, name: string, kind: ToolClass, denied: boolean) =>
  toolClasses.some((each) => each === entry)
    ? entry === kind || (denied && entry === "write" && kind === "delete")
    : fitsPattern(name, entry);

/** Whether a rule allows a tool of that name and class. */
export function allowsTool({ tools: { allow, deny } }: Rule, name: string, kind: ToolClass): boolean {
  return (
    allow.some((entry) => means(entry, name, kind, false)) && !deny.some((entry) => means(entry, name, kind, true))
  );
}

/** The tools that a rule allows; all of them where there is no policy. */
export const allowedTools = <T extends KnownTool>(tools: readonly T[], rule: Rule | undefined): T[] =>
  tools.filter((tool) => rule === undefined || allowsTool(rule, tool.name, classOf(tool)));

export const allowsProject = ({ projects }: Rule, id: string): boolean =>
  projects.includes("*") || projects.includes(id);

export const allowsWorkspace = ({ workspaces }: Rule, name: string): boolean =>
  workspaces === undefined || workspaces.some((pattern) => fitsPattern(name, pattern));

/** Whether it is the one for callers whom no rule fits, which allows nothing. */
export const isNoRule = ({ name }: Rule): boolean => name === "";

/** More names than this help nobody. */
const MOST_NAMES = 20;

/** Names as a sentence has them. */
export function listed(names: readonly string[]): string {
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
  return names.length === 0 ? "none" : names.slice(0, MOST_NAMES).join(", ") + more;
}

/** What a rule allows, a line each: told to agents once, and to people by `--check`. */
export function ruleInWords({ projects, workspaces, tools, connections, tiers }: Rule): string[] {
  const { types, hosts } = connections ?? {};
  const denied = tools.deny.length > 0 ? `, but not ${listed(tools.deny)}` : "";
  return [
    `tools: ${listed(tools.allow)}${denied}`,
    projects.includes("*") ? "projects: all that the credentials see" : `projects: ${listed(projects)}`,
    ...(workspaces ? [`workspaces: ${listed(workspaces)}`] : []),
    ...(types ? [`types of connections: ${listed(types)}`] : []),
    ...(hosts ? [`hosts of connections: ${listed(hosts)}`] : []),
    ...(tiers ? [`tiers: ${listed(tiers)}`] : []),
  ];
}
