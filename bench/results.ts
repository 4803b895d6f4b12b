import type { Run } from "./scenarios";

/** Runs of one amount of data, on one machine, at one time. */
export interface Results {
    readonly date: string;
    readonly commit: string;
    readonly machine: string;
    readonly runs: readonly (Run & { readonly data: string })[];
}

/** A column: what a run took, and how it is written. */
interface Measure {
    readonly name: string;
    readonly of: (run: Run) => number | undefined;
    readonly text: (value: number) => string;
}

const whole = (value: number) => String(Math.round(value));
const megabytes = (value: number) => (value / 1e6).toFixed(value < 1e7 ? 1 : 0);

export const MEASURES: readonly Measure[] = [
    { name: "wall, s", of: (run) => run.wall, text: (value) => value.toFixed(1) },
    { name: "outage, ms", of: (run) => run.taken?.outageMs, text: whole },
    { name: "failed requests", of: (run) => run.taken?.failed, text: whole },
    { name: "sent, MB", of: (run) => run.taken?.bytesSent, text: megabytes },
    { name: "extra disk, MB", of: (run) => run.taken?.disk, text: megabytes },
    { name: "server memory, MB", of: (run) => run.taken?.memory, text: megabytes },
    { name: "operator memory, MB", of: (run) => run.operatorMemory, text: megabytes },
    { name: "SSH connections", of: (run) => run.taken?.connections, text: whole },
    { name: "own overhead, s", of: (run) => run.overhead, text: (value) => value.toFixed(1) },
];

export function median(values: readonly number[]): number {
    const sorted = [...values].sort((one, other) => one - other);
    const [low = 0, high = low] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
    return (low + high) / 2;
}

/** Runs of the same thing: by amount of data, then scenario, then contender, each as it first came. */
export function groupsOf(runs: Results["runs"]) {
    return unique(runs.map((run) => run.data)).flatMap((data) => {
        const ofData = runs.filter((run) => run.data === data);
        return unique(ofData.map((run) => run.scenario)).flatMap((scenario) => {
            const ofScenario = ofData.filter((run) => run.scenario === scenario);
            return unique(ofScenario.map((run) => run.contender)).map((contender) => ({
                ...{ data, scenario, contender },
                same: ofScenario.filter((run) => run.contender === contender),
            }));
        });
    });
}

/** Medians, with the least and the most behind them. */
export function table({ date, commit, machine, runs }: Results): string {
    const lines = [`Measured on ${date} at ${commit}, on ${machine}.`];
    let titled = "";
    for (const { data, scenario, contender, same } of groupsOf(runs)) {
        if (data !== titled) {
            titled = data;
            lines.push("", `## ${data[0]?.toUpperCase() ?? ""}${data.slice(1)} data`, "");
            lines.push(
                `| | | runs | ${MEASURES.map(({ name }) => name).join(" | ")} |`,
                `|---|---|---|${"---|".repeat(MEASURES.length)}`,
            );
        }
        const cells = MEASURES.map((measure) =>
            cell(
                same.flatMap((run) => measure.of(run) ?? []),
                measure,
            ),
        );
        lines.push(`| ${scenario} | ${contender} | ${same.length} | ${cells.join(" | ")} |`);
    }
    return `${lines.join("\n")}\n`;
}

function cell(values: readonly number[], { text }: Measure): string {
    if (values.length === 0) {
        return "";
    }
    const [least, most] = [text(Math.min(...values)), text(Math.max(...values))];
    const middle = text(median(values));
    return least === most ? middle : `${middle} (${least}–${most})`;
}

function unique<T>(values: readonly T[]): T[] {
    return [...new Set(values)];
}
