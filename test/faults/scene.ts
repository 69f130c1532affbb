/** Where one call takes place: a project of its own in a sandbox, with what the call needs and what has the name. */
import type { JsonObject } from "../../src/json.ts";
import { apiPath } from "../../src/sandbox/api/routes.ts";
import { noContents } from "../../src/sandbox/data/seed-project.ts";
import { newId, type Project, type StoredWorkspace } from "../../src/sandbox/data/state.ts";
import { addWorkspace } from "../../src/sandbox/data/workspace-lifecycle.ts";
import type { RecordedRequest, Sandbox } from "../support/sandbox.ts";
import type { OddityCase } from "./oddities.ts";
import type { NameState, Task, Truth } from "./oracle.ts";
import type { Chance } from "./seeded.ts";

/** A tool that writes, as the matrix calls it. */
export interface Job extends Task {
  tool: string;
  /** Whether it reads something in Atlas before it writes. */
  readsFirst: boolean;
  /** Prepares a call: puts into the project what is there before. */
  set(project: Project, chance: Chance, name: NameState): Setting;
}

export interface Setting {
  /** Of what the call is about. */
  readonly name: string;
  readonly args: JsonObject;
  /** The secrets that the call brings, met nowhere else. */
  readonly secrets: readonly string[];
  /** Those of what is there: Atlas alone knows them, and shows them at their place. */
  readonly othersSecrets: readonly string[];
  readonly method: "POST" | "PATCH" | "DELETE";
  /** The path that is written to, below the project; with an API key, the GET that fetches the challenge goes there too. */
  readonly writes: string;
  /** The path that it is read from, below the project. */
  readonly reads: string;
  truth(): Truth;
  /** Whether what a create was to start as well runs. */
  runs?(): boolean;
  /** Of a create: arguments for another of the same name. */
  readonly rival?: JsonObject;
}

export interface Scene extends Omit<Setting, "writes" | "reads"> {
  readonly sandbox: Sandbox;
  readonly writes: RegExp;
  readonly reads: RegExp;
  /** The requests that were made of this project, oldest first. */
  requests(): RecordedRequest[];
}

export function setScene(
  sandbox: Sandbox,
  chance: Chance,
  { set }: Job,
  name: NameState,
  oddities: OddityCase["changes"] = {},
): Scene {
  const project = addProject(sandbox);
  const path = `/groups/${project.groupId}`;
  sandbox.makeOdd(`${apiPath}${path}/`, oddities);
  const { args, ...setting } = set(project, chance, name);
  return {
    ...setting,
    sandbox,
    args: { groupId: project.groupId, ...args },
    // Atlas's names of the scenes are letters, digits and hyphens.
    writes: new RegExp(`${path}${setting.writes}$`),
    reads: new RegExp(`${path}${setting.reads}$`),
    requests: () => sandbox.requests.filter((request) => request.path.includes(`${path}/`)),
  };
}

function addProject({ state }: Sandbox): Project {
  const project: Project = {
    groupId: newId(),
    name: "Faults",
    orgId: newId(),
    created: new Date().toISOString(),
    ...noContents(),
    workspaces: new Map(),
  };
  state.projects.set(project.groupId, project);
  return project;
}

/** How long what has the name before a create is hidden, in milliseconds: it was created a moment ago. */
export function hiddenMs(name: NameState): number {
  if (name === "hidden for ever") return Number.POSITIVE_INFINITY;
  return name === "hidden at first" ? 800 : 0;
}

/** An empty workspace for what the call is about. */
export function workspaceIn(project: Project, chance: Chance): StoredWorkspace {
  return addWorkspace(project, {
    name: `w-${chance.text(12)}`,
    cloudProvider: "AWS",
    region: "VIRGINIA_USA",
    tier: "SP10",
    maxTier: "SP50",
  });
}

/** No secret may hold a word that stands in an answer for a reason of its own. */
const AWKWARD = `ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"\\/+&=%<> é`;

/**
 * A secret of characters that are written in other ways in JSON, URLs and HTML. It ends in a letter: what stands between
 * angle brackets is a blank that somebody forgot, and is refused.
 */
export const someSecret = (chance: Chance) => `${chance.text(24 + chance.below(60), AWKWARD)}x`;
