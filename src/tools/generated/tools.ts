/** Made by `npm run generate`: every tool's generated form by its toolset, in the order of the catalog. */
import type { ToolsetName } from "../../config/settings.ts";
import type { GeneratedTool } from "../../tool/publish.ts";
import tool0 from "./list_projects.json" with { type: "json" };
import tool1 from "./list_stream_workspaces.json" with { type: "json" };
import tool2 from "./list_stream_connections.json" with { type: "json" };
import tool3 from "./get_stream_connection.json" with { type: "json" };
import tool4 from "./get_connection_options.json" with { type: "json" };
import tool5 from "./create_stream_connection.json" with { type: "json" };
import tool6 from "./update_stream_connection.json" with { type: "json" };
import tool7 from "./delete_stream_connection.json" with { type: "json" };
import tool8 from "./create_stream_workspace.json" with { type: "json" };
import tool9 from "./delete_stream_workspace.json" with { type: "json" };
import tool10 from "./list_stream_processors.json" with { type: "json" };
import tool11 from "./get_stream_processor.json" with { type: "json" };
import tool12 from "./create_stream_processor.json" with { type: "json" };
import tool13 from "./update_stream_processor.json" with { type: "json" };
import tool14 from "./start_stream_processor.json" with { type: "json" };
import tool15 from "./stop_stream_processor.json" with { type: "json" };
import tool16 from "./delete_stream_processor.json" with { type: "json" };
import tool17 from "./diagnose_stream_processor.json" with { type: "json" };
import tool18 from "./apply_stream_pipeline.json" with { type: "json" };

export const generatedToolsets: Readonly<Record<ToolsetName, readonly GeneratedTool[]>> = {
  connections: [tool0, tool1, tool2, tool3, tool4, tool5, tool6, tool7],
  pipelines: [tool8, tool9, tool10, tool11, tool12, tool13, tool14, tool15, tool16, tool17, tool18],
};

export const generatedTools: readonly GeneratedTool[] = Object.values(generatedToolsets).flat();
