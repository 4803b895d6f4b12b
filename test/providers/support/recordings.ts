import { readFileSync } from "node:fs";
import path from "node:path";
import type { Json } from "./calls";
import type { PluginName } from "./plugins";

/** One call of the engine to a real plugin, and its answer. */
export interface Recorded {
    readonly scenario: string;
    readonly verb: string;
    readonly request: Json;
    readonly response: Json | null;
    /** The one error it was answered with, if it was. */
    readonly errors?: readonly [string];
}

/** The file as it is: a call a line. */
export function recordedText(name: PluginName): string {
    return readFileSync(path.join(__dirname, "../../fixtures/recordings", `${name}.jsonl`), "utf8");
}

export function recordings(name: PluginName): Recorded[] {
    const lines = recordedText(name).trim().split("\n");
    return lines.map((line) => JSON.parse(line) as Recorded);
}

export function title(recorded: Recorded): string {
    const { scenario, verb } = recorded;
    const request = recorded.request as { type?: string; tok?: string; name?: string; preview?: boolean };
    const subject = `${request.type ?? request.tok ?? ""} ${request.name ?? ""}`.trim();
    return `${scenario} ${verb}${request.preview === true ? " in preview" : ""} ${subject}`;
}
