/** Every tool that writes, but for the update of a processor, which writes up to three times: it has a test of its own. */
import { connectionJobs } from "./connection-jobs.ts";
import { networkJobs } from "./network-jobs.ts";
import { processorJobs } from "./processor-jobs.ts";
import type { Job } from "./scene.ts";
import { workspaceJobs } from "./workspace-jobs.ts";

export const jobs: readonly Job[] = [...connectionJobs, ...processorJobs, ...workspaceJobs, ...networkJobs];
