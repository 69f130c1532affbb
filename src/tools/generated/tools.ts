/** Made by `npm run generate`: every tool's generated form, in the order of the catalog. */
import type { GeneratedTool } from "../../tool/publish.ts";
import tool0 from "./list_projects.json" with { type: "json" };
import tool1 from "./list_stream_workspaces.json" with { type: "json" };
import tool2 from "./list_stream_connections.json" with { type: "json" };
import tool3 from "./get_stream_connection.json" with { type: "json" };
import tool4 from "./get_connection_options.json" with { type: "json" };
import tool5 from "./create_stream_connection.json" with { type: "json" };
import tool6 from "./update_stream_connection.json" with { type: "json" };
import tool7 from "./delete_stream_connection.json" with { type: "json" };

export const generatedTools: readonly GeneratedTool[] = [tool0, tool1, tool2, tool3, tool4, tool5, tool6, tool7];
