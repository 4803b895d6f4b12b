import { GROUPS, type Setting } from "../../settingsSchema";

/** The text of `docs/settings.md`. */
export function settingsPage(): string {
    const groups = Object.entries(GROUPS).map(([title, settings]) =>
        [`## ${title}`, "", "| key | default | |", "|---|---|---|", ...Object.entries(settings).map(row)].join("\n"),
    );
    return `# Settings

\`pulumi config set KEY VALUE\`, and \`pulumi config set --secret KEY\` for the secret ones, which asks for the value. Each key is described in
\`settingsSchema.ts\`; \`npm run docs\` makes this page of it, and the part of \`Pulumi.yaml\` that declares them.

${groups.join("\n\n")}
`;
}

function row([key, setting]: [string, Setting]): string {
    const value = String(setting.fallback);
    const cell = [...(value === "" ? [] : [`\`${value}\``]), ...conditions(setting)].join(", ");
    return `| \`${key}\` | ${cell} | ${setting.text} |`;
}

function conditions({ needed, secret }: Setting): string[] {
    return [...(needed === undefined ? [] : [needed]), ...(secret === true ? ["secret"] : [])];
}

/** `Pulumi.yaml` with the schema's keys in place of those that it has. */
export function declareSettings(projectFile: string): string {
    const declared = Object.values(GROUPS).flatMap((settings) => Object.entries(settings).flatMap(declaration));
    return projectFile.replace(/^config:\n(?:(?: .*)?\n)*/m, () => ["config:", ...declared, ""].join("\n"));
}

const TYPES: Readonly<Record<string, string>> = { string: "string", number: "integer", boolean: "boolean" };

function declaration([key, setting]: [string, Setting]): string[] {
    const when = conditions(setting).join(", ");
    const sentences = when === "" ? setting.text : `${when[0]?.toUpperCase()}${when.slice(1)}. ${setting.text}`;
    return [
        `  ${key}:`,
        `    type: ${TYPES[typeof setting.fallback]}`,
        `    default: ${JSON.stringify(setting.fallback)}`,
        `    description: ${JSON.stringify(sentences.replaceAll("`", ""))}`,
    ];
}
