/**
 * The create as a `curl` command for sh, bash and zsh.
 * @see https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-creategroupstreamconnection
 */
import { type PostRequest, sandboxComment, type Variables } from "./create.ts";
import { bodyWord, demand, escapeFunction, subshell, withComments, word } from "./shell.ts";

interface Login {
  /** Variables that hold a person's credentials. */
  variables: readonly string[];
  /** Lines that come before the request. */
  before: readonly string[];
  /** curl's configuration line for it, as a format and the word to put in. */
  config: string;
  values: string;
  options: readonly string[];
}

/**
 * Credentials, and a body with secrets, go to curl as configuration on standard input (`--config -`), because its
 * arguments can be read by all users of the machine. A quoted configuration value has the escapes that `escape` makes
 * of a JSON text. (curl before 8 takes 100 KB a line, which is more than a connection has.)
 */
export function curlCommand(create: PostRequest & { body: object }, variables: Variables): string {
  const { url, headers, body: sent, login } = create;
  const { variables: credentials, before, config, values, options } = logins(new URL(url).origin)[login];
  const secrets = variables.names.length > 0;
  const body = bodyWord(sent, variables);
  const flags = [
    ...options,
    ...Object.entries(headers).map(([name, value]) => `--header ${word(`${name}: ${value}`)}`),
    ...(secrets ? [] : [`--data-binary ${body}`]),
    "--config -",
  ];
  const configuration = secrets
    ? `'${config}\\ndata-binary = "%s"\\n' ${values} "$(escape "$body")"`
    : `'${config}\\n' ${values}`;
  const script = subshell([
    ...demand([...credentials, ...variables.names]),
    ...(secrets ? [escapeFunction, `body=${body}`] : []),
    ...before,
    `printf ${configuration} |`,
    `curl --silent --show-error --request POST ${flags.join(" ")} ${word(url)}`,
  ]);
  return withComments([...sandboxComment(create), `Needs curl${secrets ? " and awk" : ""}.`], script);
}

function logins(origin: string): Record<PostRequest["login"], Login> {
  const token: Login = {
    variables: ["MONGODB_ATLAS_ACCESS_TOKEN"],
    before: [],
    config: 'header = "Authorization: Bearer %s"',
    values: '"$MONGODB_ATLAS_ACCESS_TOKEN"',
    options: [],
  };
  return {
    "access-token": token,
    missing: token,
    "service-account": {
      ...token,
      variables: ["MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"],
      before: [
        `token=$(printf 'user = "%s:%s"\\n' "$MONGODB_ATLAS_CLIENT_ID" "$MONGODB_ATLAS_CLIENT_SECRET" |`,
        `curl --silent --show-error --fail --data grant_type=client_credentials --config - ${word(`${origin}/api/oauth/token`)} |`,
        `sed -n 's/.*"access_token"[^"]*"\\([^"]*\\)".*/\\1/p')`,
        // curl has printed already why there is no token.
        '[ -n "$token" ] || exit',
      ],
      values: '"$token"',
    },
    "api-key": {
      variables: ["MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"],
      before: [],
      config: 'user = "%s:%s"',
      values: '"$MONGODB_ATLAS_PUBLIC_KEY" "$MONGODB_ATLAS_PRIVATE_KEY"',
      options: ["--digest"],
    },
  };
}
