/** Made by `npm run generate`: every tool's generated form by its toolset, in the order of the catalog. */
import type { ToolsetName } from "../../config/settings.ts";
import type { GeneratedTool } from "../../tool/publish.ts";
import list_projects from "./list_projects.json" with { type: "json" };
import list_stream_workspaces from "./list_stream_workspaces.json" with { type: "json" };
import list_stream_connections from "./list_stream_connections.json" with { type: "json" };
import get_stream_connection from "./get_stream_connection.json" with { type: "json" };
import get_connection_options from "./get_connection_options.json" with { type: "json" };
import create_stream_connection from "./create_stream_connection.json" with { type: "json" };
import update_stream_connection from "./update_stream_connection.json" with { type: "json" };
import delete_stream_connection from "./delete_stream_connection.json" with { type: "json" };
import create_stream_workspace from "./create_stream_workspace.json" with { type: "json" };
import update_stream_workspace from "./update_stream_workspace.json" with { type: "json" };
import delete_stream_workspace from "./delete_stream_workspace.json" with { type: "json" };
import list_stream_processors from "./list_stream_processors.json" with { type: "json" };
import get_stream_processor from "./get_stream_processor.json" with { type: "json" };
import create_stream_processor from "./create_stream_processor.json" with { type: "json" };
import update_stream_processor from "./update_stream_processor.json" with { type: "json" };
import start_stream_processor from "./start_stream_processor.json" with { type: "json" };
import stop_stream_processor from "./stop_stream_processor.json" with { type: "json" };
import delete_stream_processor from "./delete_stream_processor.json" with { type: "json" };
import diagnose_stream_processor from "./diagnose_stream_processor.json" with { type: "json" };
import read_stream_logs from "./read_stream_logs.json" with { type: "json" };
import get_stage_reference from "./get_stage_reference.json" with { type: "json" };
import try_stream_pipeline from "./try_stream_pipeline.json" with { type: "json" };
import apply_stream_pipeline from "./apply_stream_pipeline.json" with { type: "json" };
import get_stream_networking from "./get_stream_networking.json" with { type: "json" };
import create_private_link from "./create_private_link.json" with { type: "json" };
import update_private_link from "./update_private_link.json" with { type: "json" };
import delete_private_link from "./delete_private_link.json" with { type: "json" };
import answer_vpc_peering from "./answer_vpc_peering.json" with { type: "json" };
import delete_vpc_peering from "./delete_vpc_peering.json" with { type: "json" };

export const generatedToolsets: Readonly<Record<ToolsetName, readonly GeneratedTool[]>> = {
  connections: [
    list_projects,
    list_stream_workspaces,
    list_stream_connections,
    get_stream_connection,
    get_connection_options,
    create_stream_connection,
    update_stream_connection,
    delete_stream_connection,
  ],
  pipelines: [
    create_stream_workspace,
    update_stream_workspace,
    delete_stream_workspace,
    list_stream_processors,
    get_stream_processor,
    create_stream_processor,
    update_stream_processor,
    start_stream_processor,
    stop_stream_processor,
    delete_stream_processor,
    diagnose_stream_processor,
    read_stream_logs,
    get_stage_reference,
    try_stream_pipeline,
    apply_stream_pipeline,
  ],
  network: [
    get_stream_networking,
    create_private_link,
    update_private_link,
    delete_private_link,
    answer_vpc_peering,
    delete_vpc_peering,
  ],
};

export const generatedTools: readonly GeneratedTool[] = Object.values(generatedToolsets).flat();
