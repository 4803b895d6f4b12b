import { readFileSync } from "node:fs";
import path from "node:path";
import type { Answer, Json } from "./plugin";

/** One call of the engine to a real plugin, and its answer. */
export interface Recorded {
    readonly scenario: string;
    readonly verb: string;
    readonly request: Json;
    readonly response: Json | null;
    readonly errors?: string[];
}

export function recordings(name: "command" | "docker"): Recorded[] {
    const file = path.join(__dirname, "../fixtures/recordings", `${name}.jsonl`);
    const lines = readFileSync(file, "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line) as Recorded);
}

export function title(recorded: Recorded): string {
    const { scenario, verb } = recorded;
    const request = recorded.request as { type?: string; tok?: string; name?: string; preview?: boolean };
    const subject = `${request.type ?? request.tok ?? ""} ${request.name ?? ""}`.trim();
    return `${scenario} ${verb}${request.preview === true ? " in preview" : ""} ${subject}`;
}

/** Replaces words throughout a value; pairs are applied in order. */
export function translated<T>(value: T, words: [string | RegExp, string][]): T {
    const text = words.reduce((all, [from, to]) => all.replaceAll(new RegExp(from, "g"), to), JSON.stringify(value));
    return JSON.parse(text) as T;
}

/** The answer a real plugin gave, in the form a replayed call has; a made-up id is checked by its form alone. */
export function expected(recorded: Recorded): Answer {
    const [error] = recorded.errors ?? [];
    return sorted(error === undefined ? { response: recorded.response } : { response: null, error });
}

/** Ids with random parts, made comparable. */
export function withoutRandom(answer: Answer, verb: string): Answer {
    const random = verb === "Create" ? answer.response?.id : undefined;
    return typeof random === "string"
        ? { ...answer, response: { ...answer.response, id: random.replace(/[0-9a-f]{8}$/, "<random>") } }
        : answer;
}

const UNORDERED = ["diffs", "replaces", "stables"];

function sorted(answer: Answer): Answer {
    const response = { ...answer.response };
    for (const key of UNORDERED) {
        const list = response[key];
        if (Array.isArray(list)) {
            response[key] = [...(list as string[])].sort();
        }
    }
    return answer.response === null ? answer : { ...answer, response };
}
