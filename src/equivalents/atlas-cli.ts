/**
 * The create as a command of the Atlas CLI, which reads the connection from a file and logs in with its own profile or
 * environment. The file's fields are those of the API, as far as the CLI's SDK knows them: it leaves out the others.
 * `--instance` is the only flag for the workspace, and a file is told to be JSON by its extension (as of the version
 * below).
 * @see https://www.mongodb.com/docs/atlas/cli/current/command/atlas-streams-connections-create/
 * @see https://www.mongodb.com/docs/atlas/cli/current/command/atlas-api-streams-createFailoverConnection/
 */
import { dotted, type Path, valueAt } from "../json.ts";
import { type CreateRequest, foreignOrigin, type PostRequest, sandboxComment, type Variables } from "./create.ts";
import { bodyWord, demand, escapeFunction, subshell, withComments, word } from "./shell.ts";

/** The version of the CLI that this was written for. Older ones know fewer fields. */
const CLI_VERSION = "1.58";

/** The fields that it does not know. @see https://github.com/mongodb/atlas-sdk-go (v20250312023, StreamsConnection) */
const IGNORED: readonly Path[] = [["authentication", "aws"]];

export function atlasCliCommand(create: CreateRequest, variables: Variables): string {
  const { connection, groupId, tenantName, failoverOf } = create;
  if (failoverOf !== undefined) {
    const place = `--groupId ${word(groupId)} --tenantName ${word(tenantName)} --connectionName ${word(failoverOf)}`;
    const command = `atlas api streams createFailoverConnection ${place}`;
    return commandWithFile({ ...create, body: connection, command, file: "connection.json", ignored: [] }, variables);
  }
  // The name is in the file too, so here it may be left out: if it is secret, reads as a flag, or no terminal takes it.
  const isOpen = variables.pieces(connection.name, ["name"]).every((piece) => typeof piece === "string");
  const named = isOpen && /^(?!-)\P{Cc}+$/u.test(connection.name);
  const command = [
    "atlas streams connections create",
    ...(named ? [word(connection.name)] : []),
    `--instance ${word(tenantName)} --projectId ${word(groupId)}`,
  ];
  const ignored = IGNORED.filter((path) => valueAt(connection, path) !== undefined);
  return commandWithFile(
    { ...create, body: connection, command: command.join(" "), file: "connection.json", ignored },
    variables,
  );
}

interface FileCommand extends PostRequest {
  body: object;
  /** Reads the body from `file`. */
  command: string;
  file: string;
  /** Fields that it does not send. */
  ignored: readonly Path[];
}

/** A command that reads its body from a file, which only its caller can read and which is gone afterwards. */
export function commandWithFile(
  { body, command, file, ignored, ...create }: FileCommand,
  variables: Variables,
): string {
  const origin = foreignOrigin(create);
  const secrets = variables.names.length > 0;
  const script = subshell([
    ...demand(variables.names),
    ...(secrets ? [escapeFunction] : []),
    // Only its owner can enter a folder that mktemp makes.
    "folder=$(mktemp -d) || exit",
    `trap 'rm -rf "$folder"' EXIT HUP INT TERM`,
    `printf '%s\\n' ${bodyWord(body, variables)} >"$folder/${file}"`,
    `${origin === undefined ? "" : `MONGODB_ATLAS_OPS_MANAGER_URL=${word(origin)} `}${command} --file "$folder/${file}"`,
  ]);
  return withComments(
    [
      ...sandboxComment(create),
      `Needs ${secrets ? "awk and " : ""}the Atlas CLI ${CLI_VERSION} or newer, logged in; older ones ignore more fields.`,
      ...ignored.map((path) => `Not sent: ${dotted(path)}, which the Atlas CLI ignores.`),
    ],
    script,
  );
}
