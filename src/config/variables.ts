/**
 * The environment variables that configure the server: the one list behind parsing, `--help`, docs/reference.md and
 * `server.json`.
 */

/** One environment variable. */
export interface Variable {
  name: string;
  meaning: string;
  default?: string;
  secret?: true;
  /** What the value is, unless it is free text. */
  format?: "boolean" | "number" | "filepath";
}

export const variables = [
  { name: "MONGODB_ATLAS_CLIENT_ID", meaning: "Service account: client ID" },
  { name: "MONGODB_ATLAS_CLIENT_SECRET", meaning: "Service account: client secret", secret: true },
  { name: "MONGODB_ATLAS_ACCESS_TOKEN", meaning: "A bearer token, used as it is", secret: true },
  { name: "MONGODB_ATLAS_PUBLIC_KEY", meaning: "API key: public key (also `MONGODB_ATLAS_PUBLIC_API_KEY`)" },
  {
    name: "MONGODB_ATLAS_PRIVATE_KEY",
    meaning: "API key: private key (also `MONGODB_ATLAS_PRIVATE_API_KEY`)",
    secret: true,
  },
  {
    name: "MONGODB_ATLAS_BASE_URL",
    meaning: "Base URL of Atlas; plain http only to a loopback host",
    default: "https://cloud.mongodb.com",
  },
  { name: "MONGODB_ATLAS_PROJECT_ID", meaning: "Default for `groupId`" },
  { name: "ATLAS_STREAMS_MCP_TENANT", meaning: "Default for `tenantName`" },
  {
    name: "ATLAS_STREAMS_MCP_READ_ONLY",
    meaning: "`true`: offer only read-only tools",
    default: "false",
    format: "boolean",
  },
  {
    name: "ATLAS_STREAMS_MCP_TOOLSETS",
    meaning: "Toolsets to offer, separated by commas: `connections`, `pipelines`, `network`",
    default: "connections,pipelines,network",
  },
  {
    name: "ATLAS_STREAMS_MCP_TIMEOUT_MS",
    meaning: "Time limit for one HTTP attempt, in milliseconds",
    default: "30000",
    format: "number",
  },
  {
    name: "ATLAS_STREAMS_MCP_CHECK_MS",
    meaning: "How long to look for a write whose answer was lost, in milliseconds",
    default: "10000",
    format: "number",
  },
  {
    name: "ATLAS_STREAMS_MCP_READY_MS",
    meaning: "How long `waitUntilReady` polls, in milliseconds",
    default: "300000",
    format: "number",
  },
  {
    name: "ATLAS_STREAMS_MCP_SCHEMA",
    meaning: "`union`, or `flat` for clients that reject `anyOf` in a tool's schema",
    default: "union",
  },
  {
    name: "ATLAS_STREAMS_MCP_SECRET_ENV",
    meaning: "Variables that `${env:NAME}` may read, separated by commas; a trailing `*` matches a prefix",
    default: "ATLAS_STREAMS_SECRET_*",
  },
  { name: "ATLAS_STREAMS_MCP_SECRET_DIR", meaning: "Folder that `${file:NAME}` may read from", format: "filepath" },
  {
    name: "ATLAS_STREAMS_MCP_INLINE_SECRETS",
    meaning: "`allow`, or `refuse`: secret fields must be references",
    default: "allow",
  },
  {
    name: "ATLAS_STREAMS_MCP_SECRET_PAGE",
    meaning: "`on`, or `off`: never offer a page on which a person types secrets",
    default: "on",
  },
  {
    name: "ATLAS_STREAMS_MCP_LOG",
    meaning: "Minimum level of log entries on stderr: `debug`, `info`, `warning`, `error`",
    default: "warning",
  },
  {
    name: "MONGODB_ATLAS_PROFILE",
    meaning: "Profile in the Atlas CLI's `config.toml`, read where no credentials are set above",
    default: "default",
  },
  { name: "HTTPS_PROXY", meaning: "Proxy for requests to Atlas (also `HTTP_PROXY`, and both in lower case)" },
  { name: "NO_PROXY", meaning: "Hosts to reach without the proxy" },
] as const satisfies readonly Variable[];

export type VariableName = (typeof variables)[number]["name"];
