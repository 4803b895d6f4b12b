import { GROUPS, MADE_BESIDES, type Setting, SETTINGS } from "../../settingsSchema";

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

/** The conditions, then what it is. */
function sentences(setting: Setting): string {
    const when = conditions(setting).join(", ");
    return when === "" ? setting.text : `${when[0]?.toUpperCase()}${when.slice(1)}. ${setting.text}`;
}

function declaration([key, setting]: [string, Setting]): string[] {
    return [
        `  ${key}:`,
        `    type: ${TYPES[typeof setting.fallback]}`,
        `    default: ${JSON.stringify(setting.fallback)}`,
        `    description: ${JSON.stringify(sentences(setting).replaceAll("`", ""))}`,
    ];
}

/** The text of `components/settingArgs.ts`: the schema's keys as a component's arguments. */
export function settingArgs(): string {
    const keys = Object.values(GROUPS).flatMap((settings) => Object.entries(settings));
    const fields = keys.filter(([key]) => !(key in MADE_BESIDES)).flatMap(field);
    return `import type * as pulumi from "@pulumi/pulumi";

/** The program's config as arguments, from settingsSchema.ts by \`npm run docs\`: the names, defaults and checks are the same. */
export interface SettingArgs {
${fields.join("\n")}
}
`;
}

function field([key, { needed, ...setting }]: [string, Setting]): string[] {
    // The component makes no droplet.
    const required = needed === "required" || needed === SETTINGS.host.needed;
    const type = setting.secret === true ? "pulumi.Input<string>" : typeof setting.fallback;
    const text = sentences(required || needed === undefined ? setting : { ...setting, needed });
    return [`    /** ${text} */`, `    readonly ${key}${required ? "" : "?"}: ${type};`];
}
