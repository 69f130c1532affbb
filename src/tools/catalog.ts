/**
 * The tools of this server, in the order in which they are listed. A tool's module is loaded when the tool is called;
 * to list it, its generated form is enough.
 */
import type { Settings } from "../config/settings.ts";
import { nearest } from "../connections/spelling.ts";
import { generatedTools } from "./generated/tools.ts";
import { type GeneratedTool, type PublishedTool, publishedForm } from "./published.ts";
import type { Tool } from "./tool.ts";

export const catalog: Readonly<Record<string, () => Promise<Tool>>> = {
  list_projects: async () => (await import("./list-projects.ts")).listProjects,
  list_stream_workspaces: async () => (await import("./list-stream-workspaces.ts")).listStreamWorkspaces,
  list_stream_connections: async () => (await import("./list-stream-connections.ts")).listStreamConnections,
  get_stream_connection: async () => (await import("./get-stream-connection.ts")).getStreamConnection,
  get_connection_options: async () => (await import("./get-connection-options.ts")).getConnectionOptions,
  create_stream_connection: async () => (await import("./create-stream-connection.ts")).createStreamConnection,
  update_stream_connection: async () => (await import("./update-stream-connection.ts")).updateStreamConnection,
  delete_stream_connection: async () => (await import("./delete-stream-connection.ts")).deleteStreamConnection,
};

/** The tools that exist under these settings, as they are published. */
export function availableTools(settings: Settings): PublishedTool[] {
  return existing(settings).map((tool) => publishedForm(tool, settings));
}

/** In read-only mode, the tools that only read. */
function existing({ readOnly }: Settings): GeneratedTool[] {
  return generatedTools.filter(({ annotations }) => !readOnly || annotations.readOnlyHint);
}

/** A tool that does not exist, or not under these settings. */
export class UnknownTool extends Error {
  override name = "UnknownTool";
}

/** @throws {UnknownTool} with the tools there are, and the nearest of them. */
export function loadTool(name: string, settings: Settings): Promise<Tool> {
  const names = existing(settings).map((tool) => tool.name);
  const load = names.includes(name) ? catalog[name] : undefined;
  if (load) return load();
  if (Object.hasOwn(catalog, name)) throw new UnknownTool(`${name} writes, and this server is in read-only mode`);
  const meant = nearest(name, names);
  const suggestion = meant === undefined ? "." : `; did you mean ${meant}?`;
  // A name that is none may be anything, so it is not repeated.
  const named = /^[\w.-]{1,64}$/.test(name) ? ` ${name}` : " of that name";
  throw new UnknownTool(`There is no tool${named}${suggestion} Tools: ${names.join(", ") || "none"}`);
}
