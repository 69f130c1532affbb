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
    name: "ATLAS_STREAMS_MCP_POLICY",
    meaning: "File that says who may do what, whatever an agent asks (`--print-policy-schema`)",
    format: "filepath",
  },
  {
    name: "ATLAS_STREAMS_MCP_AUDIT",
    meaning: "File to which a line is written before a call's first write and at its end; `-`: stderr",
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

/** Those of `serve` alone. */
export const serveVariables = [
  {
    name: "ATLAS_STREAMS_MCP_LISTEN",
    meaning: "Where `serve` listens for MCP; beyond loopback only with an issuer, a public URL and a policy",
    default: "127.0.0.1:8080",
  },
  {
    name: "ATLAS_STREAMS_MCP_OPS_LISTEN",
    meaning: "Where `serve` listens for probes and metrics",
    default: "127.0.0.1:9464",
  },
  {
    name: "ATLAS_STREAMS_MCP_PUBLIC_URL",
    meaning: "The address under which clients reach `serve`, such as `https://mcp.example/mcp`",
  },
  {
    name: "ATLAS_STREAMS_MCP_ISSUER",
    meaning: "The issuer of the callers' tokens, as it writes itself in them (`iss`)",
  },
  {
    name: "ATLAS_STREAMS_MCP_AUDIENCE",
    meaning: "Whom tokens must be meant for (`aud`), one of these, separated by commas; by default the public URL",
  },
  {
    name: "ATLAS_STREAMS_MCP_SCOPES",
    meaning:
      "The scopes that tools need by what they do: `read=NAME,write=NAME,delete=NAME`; by default every valid token does",
  },
  {
    name: "ATLAS_STREAMS_MCP_GROUPS_CLAIM",
    meaning: "The claim of tokens that holds the caller's groups",
    default: "groups",
  },
  {
    name: "ATLAS_STREAMS_MCP_ALLOWED_ORIGINS",
    meaning: "Origins whose pages may call `serve`, separated by commas; by default none",
  },
  {
    name: "ATLAS_STREAMS_MCP_CALLS_PER_MINUTE",
    meaning: "How many requests a caller may make a minute, at each replica",
    default: "600",
    format: "number",
  },
  {
    name: "ATLAS_STREAMS_MCP_CONCURRENT",
    meaning: "How many requests of a caller may be under way at once, at each replica",
    default: "20",
    format: "number",
  },
] as const satisfies readonly Variable[];

export type VariableName = (typeof variables | typeof serveVariables)[number]["name"];
