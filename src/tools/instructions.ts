/** What an agent is told about the server when it connects. */
const always = `Sets up connections of MongoDB Atlas Stream Processing.
create_stream_connection needs the project id (groupId), the workspace (tenantName) and a connection whose fields depend on its type.
Never ask a person for a password in the chat: have them set it in this server's environment and write \${env:NAME}.
Use dryRun first when a person should review the request. Read \`outcome\`; on \`failed\`, error.kind says what went wrong and error.hint what to do next. Repeating a create with the same arguments is safe.`;

/** The instructions, with a line on anything special about where this server is connected to. */
export function instructionsWith(note: string | undefined): string {
  return note === undefined ? always : `${always}\n${note}`;
}
