/** A tool as clients see it in `tools/list`. Most of it is made when the project's files are generated. */
import { configuredDefaults, type Settings } from "../config/settings.ts";
import type { Dialect, JsonSchema } from "../schema/json-schema.ts";
import type { Annotations } from "./define.ts";

export interface PublishedTool {
  name: string;
  description: string;
  inputSchema: JsonSchema;
  outputSchema: JsonSchema;
  annotations: Annotations;
}

/** What is generated for a tool: the published form, with its schemas in each dialect. */
export type GeneratedTool = Omit<PublishedTool, "inputSchema" | "outputSchema"> &
  Record<"inputSchema" | "outputSchema", Record<Dialect, JsonSchema>>;

/** The published form under these settings: their dialect, and arguments with a configured default made optional. */
export function publishedForm(
  { inputSchema, outputSchema, ...tool }: GeneratedTool,
  settings: Pick<Settings, "dialect" | "projectId" | "tenantName">,
): PublishedTool {
  const { dialect } = settings;
  const schema = inputSchema[dialect];
  const defaults = configuredDefaults(settings);
  const properties = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, property]) => {
      const value = defaults.get(name);
      return [
        name,
        value === undefined ? property : { ...property, description: `${property.description}; default ${value}` },
      ];
    }),
  );
  const required = schema.required?.filter((name) => !defaults.has(name)) ?? [];
  // Readers that follow OpenAPI refuse an empty list.
  return {
    ...tool,
    inputSchema: { ...schema, properties, required: required.length > 0 ? required : undefined },
    outputSchema: outputSchema[dialect],
  };
}
