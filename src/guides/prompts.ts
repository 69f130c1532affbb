/** Prompts: ways of working that a person can choose in their client. */

export interface Prompt {
  name: string;
  title: string;
  description: string;
  arguments: { name: string; description: string; required: boolean }[];
  /** What it says to the agent; of further tools it speaks where they are offered. */
  text: (args: Readonly<Record<string, string>>, offered?: readonly string[]) => string;
}

/** From a private broker to a link that is ready, where the tools for it are offered. */
function privateWay(offered: readonly string[], then: string): string {
  if (!["get_stream_networking", "create_private_link"].every((tool) => offered.includes(tool))) return "";
  return `   Can it be reached over the internet? Ask me if you do not know. If not, call get_stream_networking: it shows the private links that there are and, with cloud and region, Atlas's account, which I have to let in first. Call create_private_link with dryRun true and show me the request; once I agree, call it without dryRun. It takes up to an hour: call it again with waitUntilReady true until it is DONE, and tell me what I have to approve at the other side. Then ${then}
`;
}

export const prompts: readonly Prompt[] = [
  {
    name: "connect_source",
    title: "Connect a source or sink",
    description: "From what you want to connect, in your words, to a connection that is ready",
    arguments: [
      { name: "what", description: "What to connect, e.g. our Kafka on Confluent Cloud", required: false },
      { name: "workspace", description: "Stream workspace to work in", required: false },
    ],
    text: (
      { what, workspace },
      offered = [],
    ) => `Set up a connection in MongoDB Atlas Stream Processing${what ? `: ${what}` : ""}.
${what ? "" : "First ask me what to connect.\n"}
1. Find the project with list_projects${workspace ? `, and in it the workspace "${workspace}" with list_stream_workspaces` : " and the workspace with list_stream_workspaces"}. If there is more than one, ask me.
2. Choose the connection's type and call get_connection_options for it. Show me what there is to choose from, and fill in the template with me.
${privateWay(offered, 'the connection has "access": {"type": "PRIVATE_LINK", "connectionId": …} in networking, or in publicPrivateNetworking where its type has that.')}3. Never ask me to write a password or key into this chat. Ask me which environment variable of the server holds it, and write \${env:NAME}.
4. Call create_stream_connection with dryRun true and show me the request. Go on only when I agree.
5. Call it again without dryRun and with waitUntilReady true, and tell me how it ended, with all warnings.`,
  },
  {
    name: "build_pipeline",
    title: "Build a stream pipeline",
    description: "From a sentence to a running pipeline",
    arguments: [
      {
        name: "what",
        description: "What should flow where, e.g. paid orders from Kafka into shop.orders",
        required: false,
      },
      { name: "workspace", description: "Stream workspace to work in", required: false },
    ],
    text: (
      { what, workspace },
      offered = [],
    ) => `Build a pipeline in MongoDB Atlas Stream Processing${what ? `: ${what}` : ""}.
${what ? "" : "First ask me what should flow from where to where.\n"}
1. Find the project with list_projects${workspace ? `; the workspace is "${workspace}"` : " and the workspace with list_stream_workspaces; if there is none, ask me for a cloud, a region and a name"}.
2. Look at what is there with list_stream_connections and list_stream_processors. For a connection that is missing, call get_connection_options and fill in its template with me.
${privateWay(offered, "go on.")}3. Write the processor's pipeline: $source first, then what filters and changes, then $merge or $emit. get_stage_reference says what each stage takes. Suggest a dead letter queue.
4. Call try_stream_pipeline with the pipeline and two or three documents such as the source will send, one of them odd. Show me what comes out and what fails, and change the pipeline until it is right.
5. Never ask me to write a password or key into this chat. Ask me which environment variable of the server holds it, and write \${env:NAME}.
6. Call apply_stream_pipeline with all of it and dryRun true, and show me the plan. Say that a started processor is billed. Go on only when I agree.
7. Call it again with dryRun false. Where a step fails, do what its hint says and call again with the same arguments.
8. Call diagnose_stream_processor, and tell me whether messages arrive.`,
  },
];
