/** The files that are generated, in whole or in part, and their content. */
import { readFile } from "node:fs/promises";
import { z } from "zod/v3";
import manifest from "../package.json" with { type: "json" };
import { commands, flags } from "../src/cli/command-line.ts";
import { clientConfigurations } from "../src/cli/print-config.ts";
import { serveVariables, type Variable, variables } from "../src/config/variables.ts";
import { connectionTypes } from "../src/connections/union.ts";
import { pairs } from "../src/private-links/union.ts";
import { traitOf } from "../src/schema/fields.ts";
import { jsonSchema, type Use } from "../src/schema/json-schema.ts";
import { propertiesOf } from "../src/schema/structure.ts";
import { publishedInput } from "../src/tool/arguments.ts";
import { resultSchema, type Tool } from "../src/tool/define.ts";
import type { GeneratedTool } from "../src/tool/publish.ts";
import { errorMeanings, errorSchema } from "../src/tool/result.ts";
import { catalog, toolsets } from "../src/tools/catalog.ts";
import createStreamConnection from "../src/tools/connections/create.ts";
import { drawBench } from "./draw-bench.ts";
import { toolSizes } from "./tool-sizes.ts";

export interface GeneratedFile {
  /** Path from the root of the project. */
  path: string;
  content: string;
}

/** What all results share is described by one tool: in each of the others it would cost as many bytes again. */
const describesShared = createStreamConnection.name;
const shared = ["summary", "warnings", "error"];

export async function generatedFiles(): Promise<GeneratedFile[]> {
  const generated = catalog.map(generateTool);
  const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), "utf8");
  return [
    ...generated.map((tool) => ({ path: `src/tools/generated/${tool.name}.json`, content: json(tool) })),
    { path: "src/tools/generated/tools.ts", content: index() },
    { path: "README.md", content: fillIn(await read("README.md"), readmeParts()) },
    { path: "docs/reference.md", content: fillIn(await read("docs/reference.md"), referenceParts(generated)) },
    { path: "server.json", content: json(registryEntry()) },
    { path: "docs/bench.svg", content: drawBench(JSON.parse(await read("docs/bench.json"))) },
  ];
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

function generateTool({ name, description, annotations, outcomes, ...tool }: Tool): GeneratedTool {
  const input = publishedInput(tool.input);
  const error = errorSchema.optional().describe("Why it failed");
  const { shape } = resultSchema({ outcomes, output: { ...tool.output, error } });
  const listed = Object.entries<z.ZodTypeAny>(shape).filter(
    ([field, schema]) => !traitOf(schema).unlisted && (name === describesShared || !shared.includes(field)),
  );
  const output = z.object(Object.fromEntries(listed)).passthrough();
  return {
    name,
    description,
    annotations,
    inputSchema: inBothDialects(input, "arguments"),
    outputSchema: inBothDialects(output, "results"),
  };
}

const inBothDialects = (schema: z.AnyZodObject, use: Use) => ({
  union: jsonSchema(schema, "union", use),
  flat: jsonSchema(schema, "flat", use),
});

/** The module that lists the generated forms of all tools. */
function index(): string {
  const imports = catalog.map(({ name }) => `import ${name} from "./${name}.json" with { type: "json" };\n`);
  const lists = Object.entries(toolsets).map(
    ([toolset, tools]) => `  ${toolset}: [\n${tools.map(({ name }) => `    ${name},\n`).join("")}  ],\n`,
  );
  return `/** Made by \`npm run generate\`: every tool's generated form by its toolset, in the order of the catalog. */
import type { ToolsetName } from "../../config/settings.ts";
import type { GeneratedTool } from "../../tool/publish.ts";
${imports.join("")}
export const generatedToolsets: Readonly<Record<ToolsetName, readonly GeneratedTool[]>> = {
${lists.join("")}};

export const generatedTools: readonly GeneratedTool[] = Object.values(generatedToolsets).flat();
`;
}

/** `text` with each part filled in between its `<!-- NAME -->` and `<!-- /NAME -->`. */
function fillIn(text: string, parts: Record<string, string>): string {
  return Object.entries(parts).reduce((filled, [name, part]) => {
    const place = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
    if (!place.test(filled)) throw new Error(`There is no place for ${name}`);
    return filled.replace(place, (_match, start: string, end: string) => `${start}${part}${end}`);
  }, text);
}

const code = (text: string) => `\`${text}\``;

/** The README has what a newcomer needs. */
function readmeParts(): Record<string, string> {
  const firstSentence = (text: string) => /^.*?\.(?= |$)/.exec(text)?.[0] ?? text;
  return {
    clients: clientFolds(),
    tools: table(
      ["tool", ""],
      catalog.map(({ name, description }) => [code(name), firstSentence(description)]),
    ),
  };
}

/** A fold for each configuration, with the clients that take it. */
function clientFolds(): string {
  const clients = Object.values(clientConfigurations());
  const folds = [...new Set(clients.map(({ text }) => text))].map((text) => {
    const [first, ...others] = clients.filter((candidate) => candidate.text === text);
    const names = [first, ...others].map((one) => `<b>${one?.client}</b>`).join(", ");
    const places = [first, ...others].map((one) => `${one?.client}: ${one?.where}`).join("; ");
    const [summary, below] = others.length > 0 ? [names, `${places}\n\n`] : [`${names}, in ${first?.where}`, ""];
    return `<details><summary>${summary}</summary>\n\n${below}\`\`\`${first?.language}\n${text}\n\`\`\`\n</details>\n`;
  });
  return folds.join("");
}

/** The reference has everything. */
function referenceParts(generated: readonly GeneratedTool[]): Record<string, string> {
  return {
    clients: table(
      ["`--print-config`", "client", "where the text belongs"],
      Object.entries(clientConfigurations()).map(([name, { client, where, page }]) => [
        code(name),
        `[${client}](${page})`,
        where,
      ]),
    ),
    flags: table(
      ["command line", "meaning"],
      [
        ...Object.entries(flags).map(([name, { value, describe }]) => [code(`--${name} ${value}`.trim()), describe]),
        ...Object.entries(commands).map(([command, describe]) => [code(command), describe]),
      ],
    ),
    tools: catalog.map(describedTool).join("\n"),
    sizes: table(
      ["tool", "bytes", "tokens"],
      toolSizes(generated, "union").map(({ name, bytes, tokens }) => [
        name === "all" ? "all" : code(name),
        String(bytes),
        String(tokens),
      ]),
    ),
    types: table(
      ["`type`", "for", "fields (required in bold)", "must exist first"],
      connectionTypes.map(({ type, use, fields, prerequisite }) => [
        code(type),
        use,
        Object.entries(fields)
          .map(([name, schema]) => (schema.isOptional() ? code(name) : `**${code(name)}**`))
          .join(", ") || "none",
        prerequisite,
      ]),
    ),
    links: table(
      ["`provider`", "`vendor`", "fields (required in bold)", "for", "must be done first"],
      pairs.map(({ provider, vendor, needs, oneOf, takes, usedBy, prerequisite }) => [
        code(provider),
        code(vendor),
        [
          ...needs.map((field) => `**${code(field)}**`),
          ...(oneOf.length > 0 ? [`one of ${oneOf.map((field) => `**${code(field)}**`).join(" and ")}`] : []),
          ...takes.map(code),
        ].join(", "),
        `${code(usedBy.type)}, ${code(`${usedBy.field}.access`)}`,
        prerequisite === "" ? "" : `${prerequisite}.`,
      ]),
    ),
    kinds: table(
      ["`error.kind`", "meaning"],
      Object.entries(errorMeanings).map(([kind, meaning]) => [code(kind), meaning]),
    ),
    variables: variableTable(variables),
    "variables of serve": variableTable(serveVariables),
  };
}

function variableTable(variables: readonly Variable[]): string {
  return table(
    ["variable", "meaning", "default"],
    variables.map((variable) => [
      code(variable.name),
      variable.meaning,
      variable.default === undefined ? "" : code(variable.default),
    ]),
  );
}

/** A tool with its arguments, and how it can end. */
function describedTool({ name, description, annotations, outcomes, input }: Tool): string {
  const effect = annotations.readOnlyHint ? "Reads only" : "Writes";
  const rows = propertiesOf(publishedInput(input)).map(([argument, schema]) => [
    code(argument),
    schema.isOptional() ? "" : "required",
    schema.description ?? "",
  ]);
  const ends = outcomes.map(code).join(", ");
  return `### ${name}\n\n${description} ${effect}; ends with ${ends}, or \`failed\`.\n\n${table(["argument", "", "meaning"], rows)}`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("");
}

/** The server's entry in the MCP registry. @see https://modelcontextprotocol.io/registry/package-types */
function registryEntry() {
  return {
    $schema: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
    name: manifest.mcpName,
    title: "Atlas Stream Processing",
    description: "Lets an AI agent set up MongoDB Atlas Stream Processing: connections and pipelines",
    version: manifest.version,
    packages: [
      {
        registryType: "npm",
        identifier: manifest.name,
        version: manifest.version,
        runtimeHint: "npx",
        transport: { type: "stdio" },
        environmentVariables: variables.map((variable: Variable) => ({
          name: variable.name,
          description: variable.meaning.replaceAll("`", ""),
          ...(variable.format && { format: variable.format }),
          ...(variable.secret && { isSecret: true }),
          ...(variable.default !== undefined && { default: variable.default }),
        })),
      },
    ],
  };
}
