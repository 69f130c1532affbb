/** What an agent is told about the server when it connects. */
const writing = `Sets up connections of MongoDB Atlas Stream Processing.
create_stream_connection needs the project id (groupId), the workspace (tenantName) and a connection whose fields depend on its type.
Never ask a person for a password in the chat: have them set it in this server's environment and write \${env:NAME}.
Use dryRun first when a person should review the request. Read \`outcome\`; on \`failed\`, error.kind says what went wrong and error.hint what to do next. Repeating a create with the same arguments is safe.`;

const onlyReading = `Shows connections of MongoDB Atlas Stream Processing. This server is in read-only mode: it has no tool that changes anything, and only a person can change that.
Read \`outcome\`; on \`failed\`, error.kind says what went wrong and error.hint what to do next.`;

/** The instructions; `note` is a line on anything special about where this server is connected to. */
export function instructionsFor({ readOnly }: { readOnly: boolean }, note: string | undefined): string {
  const instructions = readOnly ? onlyReading : writing;
  return note === undefined ? instructions : `${instructions}\n${note}`;
}
