/** The thread in which trials are computed, one at a time: a request comes in as JSON text, its result goes out as such. */
import { parentPort } from "node:worker_threads";
import { tryPipeline } from "./trial.ts";

parentPort?.on("message", (request: string) => {
  parentPort?.postMessage(JSON.stringify(tryPipeline(JSON.parse(request))));
});
// Only from now on counts what a trial takes.
parentPort?.postMessage("ready");
