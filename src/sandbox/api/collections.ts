/** What a collection of a cluster holds. Atlas's API has no such endpoint: there, a driver or `mongosh` reads it. */
import { documentsIn } from "../data/message-flow.ts";
import { ApiError } from "./api-error.ts";
import { type Handler, projectOf } from "./handler.ts";
import { pageOf } from "./page.ts";

/** The documents as relaxed extended JSON, the oldest first. */
export const listDocuments: Handler = (request, state) => {
  const { clusterName = "", databaseName = "", collectionName = "" } = request.parameters;
  const { clusters, collections } = projectOf(request, state);
  if (!clusters.some(({ name }) => name === clusterName))
    throw new ApiError(404, "CLUSTER_NOT_FOUND", `There is no cluster named ${clusterName} in this project.`, {
      parameters: [clusterName],
    });
  return pageOf(documentsIn(collections, clusterName, databaseName, collectionName), request);
};
