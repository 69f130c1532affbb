/** Prints what the list of tools costs an agent, in both dialects of the published schemas: `npm run bench:tokens` */
import { generatedTools } from "../src/tools/generated/tools.ts";
import { toolSizes } from "./tool-sizes.ts";

for (const dialect of ["union", "flat"] as const) {
  process.stdout.write(`\nATLAS_STREAMS_MCP_SCHEMA=${dialect}\n`);
  for (const { name, bytes, tokens } of toolSizes(generatedTools, dialect))
    process.stdout.write(
      `  ${name.padEnd(28)}${String(bytes).padStart(8)} bytes${String(tokens).padStart(7)} tokens\n`,
    );
}
