/** Prompts: ways of working that a person can choose in their client. */

export interface Prompt {
  name: string;
  title: string;
  description: string;
  arguments: { name: string; description: string; required: boolean }[];
  /** What is said to the agent. */
  text: (given: Readonly<Record<string, string>>) => string;
}

export const prompts: readonly Prompt[] = [
  {
    name: "connect_source",
    title: "Connect a source or sink",
    description: "Leads from a wish in words to a connection that is ready",
    arguments: [
      { name: "what", description: "What to connect, e.g. our Kafka on Confluent Cloud", required: false },
      { name: "workspace", description: "Stream workspace that is meant", required: false },
    ],
    text: ({ what, workspace }) => `Set up a connection in MongoDB Atlas Stream Processing${what ? `: ${what}` : ""}.
${what ? "" : "First ask me what is to be connected.\n"}
1. Find the project with list_projects${workspace ? `, and in it the workspace "${workspace}" with list_stream_workspaces` : " and the workspace with list_stream_workspaces"}. Ask me where there is more than one.
2. Choose the connection's type and call get_connection_options for it. Show me what there is to choose from, and fill in the template with me.
3. Never ask me to write a password or key into this chat. Ask me for the name of the environment variable of the server that holds it, and write \${env:NAME}.
4. Call create_stream_connection with dryRun true and show me the request. Go on only when I agree.
5. Call it again without dryRun and with waitUntilReady true, and tell me how it ended, with all warnings.`,
  },
];
