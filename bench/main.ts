import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parseArgs } from "node:util";
import { runCommand, UsageError } from "../commands/command";
import { cleanUp } from "../test/support/clean-up";
import { productCommitName } from "../test/support/commit";
import { type Droplet, newDroplet, removeDroplet, resetDroplet, saveDroplet } from "../test/support/lab";
import { root } from "../test/support/run";
import { chart } from "./chart";
import { EmptyProgram, HowTo, Program } from "./contenders";
import { goals, withGoals } from "./goals";
import { type Results, table } from "./results";
import { atOnce, changes, idle, type Run } from "./scenarios";

/** What the README shows. */
const OUT = "docs/bench";
const USAGE = `npm run bench -- [--data small,large] [--repeats 3,1] [--hosts 1,2,4,8] [--out docs/bench]

Compares, on droplets of the lab with the same data, the how-to's commands, this program, and an empty Pulumi program. Writes the table as
OUT.md, all that was measured as OUT.json, and a chart as OUT.svg; as docs/bench, into the README too. --repeats has a number for each
amount of data, or one for all. --hosts "" leaves out several hosts at once.`;

runCommand(async () => {
    const { values } = parseArgs({
        options: {
            data: { type: "string", default: "small,large" },
            repeats: { type: "string", default: "3,1" },
            hosts: { type: "string", default: "1,2,4,8" },
            out: { type: "string", default: OUT },
            help: { type: "boolean", default: false },
        },
    });
    if (values.help) {
        console.log(USAGE);
        return;
    }
    const repeats = values.repeats.split(",").map((word) => whole("--repeats", word));
    const hosts = words(values.hosts).map((word) => whole("--hosts", word));
    const out = path.resolve(root, values.out);
    const runs: Results["runs"][number][] = [];
    // Written after each, as the whole takes hours.
    const add = (data: string, more: readonly Run[]) => {
        runs.push(...more.map((run) => ({ data, ...run })));
        write(out, runs);
    };

    for (const [index, data] of words(values.data).entries()) {
        const times = repeats[index] ?? repeats[0] ?? 0;
        await onDroplets(1, data, async ([droplet]) => {
            for (let time = 0; droplet !== undefined && time < times; time++) {
                await compare(droplet, (more) => add(data, more));
            }
        });
    }
    for (const count of hosts) {
        await onDroplets(count, "small", async (droplets) => {
            for (const make of [(one: Droplet) => new HowTo(one), (one: Droplet) => new Program(one)]) {
                await Promise.all(droplets.map(resetDroplet));
                add("small", [await atOnce(droplets, make)]);
            }
        });
    }
    console.log(fs.readFileSync(`${out}.md`, "utf8"));
});

/** Everything once on a droplet, by each contender in turn. */
async function compare(droplet: Droplet, add: (runs: readonly Run[]) => void): Promise<void> {
    const [program, empty] = [new Program(droplet), new EmptyProgram()];
    try {
        await resetDroplet(droplet);
        add(await changes(new HowTo(droplet), droplet));
        await resetDroplet(droplet);
        add(await changes(program, droplet));
        await empty.prepare();
        add(await idle(program, empty));
    } finally {
        await cleanUp(
            () => program.remove(),
            () => empty.remove(),
        );
    }
}

async function onDroplets(count: number, data: string, work: (droplets: Droplet[]) => Promise<void>): Promise<void> {
    const names = Array.from({ length: count }, (_, index) => `bench-${index + 1}`);
    try {
        const droplets: Droplet[] = [];
        for (const name of names) {
            const droplet = await newDroplet(name, "0.1.9", { data: data === "small" ? "how-to" : data });
            await saveDroplet(droplet);
            droplets.push(droplet);
        }
        await work(droplets);
    } finally {
        await cleanUp(...names.map((name) => () => removeDroplet(name)));
    }
}

function write(out: string, runs: Results["runs"]): void {
    const results: Results = {
        date: new Date().toISOString().slice(0, 10),
        commit: productCommitName(),
        machine: `${os.cpus().length} processors (${os.cpus()[0]?.model ?? "unknown"}), ${Math.round(os.totalmem() / 2 ** 30)} GB of memory`,
        runs,
    };
    fs.writeFileSync(`${out}.json`, `${JSON.stringify(results, undefined, 2)}\n`);
    fs.writeFileSync(
        `${out}.md`,
        `# Beside the how-to\n\n\`npm run bench\` writes this. [Where the seconds go](decisions/0016-where-the-seconds-go.md) tells why what is not
reached is not.\n\n${goals(results)}\n![seconds of each](${path.basename(out)}.svg)\n\n${table(results)}`,
    );
    const readme = path.join(root, "README.md");
    if (out === path.join(root, OUT)) {
        fs.writeFileSync(readme, withGoals(fs.readFileSync(readme, "utf8"), results));
    }
    fs.writeFileSync(`${out}.svg`, chart(results));
}

function words(text: string): string[] {
    return text.split(",").filter((word) => word !== "");
}

function whole(option: string, text: string): number {
    if (!/^[1-9]\d{0,2}$/.test(text)) {
        throw new UsageError(`${option} is "${text}": give a whole number above 0, see npm run bench -- --help.`);
    }
    return Number(text);
}
