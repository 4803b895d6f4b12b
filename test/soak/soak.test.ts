import { mend } from "../support/faults";
import { Installed } from "../support/instance";
import { Droplet, newDroplet, removeDroplet, tryOn } from "../support/lab";
import { cleanUp } from "../support/clean-up";
import { People } from "../support/people";
import { Random } from "../support/random";
import { servedVersion, settled } from "../support/settled";
import { Stack } from "../support/stack";
import { Up } from "../support/up";
import { FAULTS } from "./faults";
import { Tally } from "./tally";

const NAME = "faults-soak";
const TRANSITIONS = Number(process.env.SPECIVO_TRANSITIONS ?? "200");
/** Each is one step from its neighbours; the schema moves to the last. */
const VERSIONS = ["0.1.9", "0.1.10", "0.2.0"];
/** A change of version takes about so long, in milliseconds: a fault is made at a random moment of it. */
const LASTS = 40_000;

/** An instance that people write to, and what they must find there. */
class Soaked {
    version = "0.1.9";
    /** Subjects of all issues that are to be there. */
    #subjects: string[] = [];
    /** Those that were there when the schema moved: a rollback over that brings them back. */
    #restorePoint: string[] = [];
    #written = 0;
    readonly #people: People;

    constructor(readonly installed: Installed) {
        this.#people = new People(installed);
    }

    async write(): Promise<void> {
        const subject = `soak ${++this.#written}`;
        await this.#people.writeIssue(subject);
        this.#subjects.push(subject);
    }

    /** Waits until it is well again, and compares; the version that serves now. */
    async check(to: string): Promise<string> {
        await settled(this.installed);
        const version = await servedVersion(this.installed);
        if (version !== this.version && version !== to) {
            throw new Error(`${version} serves, neither ${this.version} nor ${to}`);
        }
        if (version !== this.version && version === "0.2.0") {
            this.#restorePoint = [...this.#subjects];
        } else if (version !== this.version && this.version === "0.2.0") {
            this.#subjects = [...this.#restorePoint];
        }
        this.version = version;
        const found = await this.installed.sql("SELECT subject FROM issues WHERE subject LIKE 'soak %' ORDER BY id");
        if (found !== this.#subjects.join("\n")) {
            throw new Error(`found are ${found.replaceAll("\n", ", ")}, and not ${this.#subjects.join(", ")}`);
        }
        return version;
    }
}

describe(`a soak: upgrades and rollbacks at random, with faults at random, until there were ${TRANSITIONS}`, function () {
    this.timeout(0);
    const random = new Random();
    const tally = new Tally(random.seed);
    let droplet: Droplet;
    let stack: Stack;
    let soaked: Soaked;

    before(async () => {
        droplet = await newDroplet(NAME, VERSIONS[0] ?? "", { disk: "12g" });
        soaked = new Soaked(new Installed(droplet));
        stack = await Stack.create(NAME, droplet);
        await stack.configure(droplet, soaked.version);
        // The lab's clock jumps by days.
        await stack.set({ rollbackWindow: "30d" });
        // What asks the server needs the operations there.
        await stack.succeed(["up", "--yes"]);
    });
    after(() =>
        cleanUp(
            () => Stack.remove(NAME),
            () => removeDroplet(NAME),
        ),
    );

    it("nothing is lost", async () => {
        let before = "it was taken over";
        while (tally.count < TRANSITIONS) {
            const at = VERSIONS.indexOf(soaked.version);
            const from = soaked.version;
            const to = random.pick([VERSIONS[at - 1], VERSIONS[at + 1]].filter((one) => one !== undefined));
            const kind = random.next() < 0.5 ? "none" : random.pick(Object.keys(FAULTS));
            const wait = random.between(0, LASTS);
            const where = `transition ${tally.count + 1} of seed ${random.seed}, ${from} to ${to}, ${kind} after ${Math.round(wait)} ms`;
            await soaked.write().catch(async (error: unknown) => {
                const { output } = await tryOn(
                    droplet,
                    "docker ps -a; nsenter -t $(docker inspect -f '{{.State.Pid}}' specivo-nginx-1) -n iptables -S",
                );
                throw new Error(`nobody can write before ${where}, after ${before}:\n${output}`, { cause: error });
            });
            await stack.set({ specivoVersion: to });
            const up = new Up(stack);
            const made = FAULTS[kind];
            if (made) {
                await Promise.race([up.ended, new Promise((resolve) => setTimeout(resolve, wait))]);
                await made(droplet, up);
            }
            const { status, output } = await up.ended;
            await mend(droplet);
            await stack.pulumi(["cancel", "--yes"]);
            try {
                const version = await soaked.check(to);
                if (kind === "none" && version !== to) {
                    throw new Error(`without a fault it ended on ${version}`);
                }
                if (status === 0 && version !== to) {
                    throw new Error(`pulumi up ended well, on ${version}`);
                }
                tally.add(`${from} to ${to}`, kind, version === to ? "there" : "back");
                before = where;
            } catch (error) {
                throw new Error(`${String(error)}\n${where}:\n${output}`, { cause: error });
            }
        }
    });
});
