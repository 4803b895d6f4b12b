import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cleanUp } from "../support/clean-up";
import { Installed } from "../support/instance";
import { Droplet, newDroplet, removeDroplet } from "../support/lab";
import { root } from "../support/run";
import { Stack } from "../support/stack";

// The whole way takes a quarter of an hour; its first part shows the same in CI.
const [TO, HEAD, INTERRUPTIONS] =
    process.env.SPECIVO_LONG_WAY === "true" ? (["0.8.0", "0032", 2] as const) : (["0.3.0", "0025", 1] as const);
/** What the migrations up to 0.8.0 add: rows in these tables, and none anywhere else. */
const ADDED: Readonly<Record<string, number>> = TO === "0.8.0" ? { users: 1, roles: 1, settings: 1 } : { settings: 1 };

describe(`the long way, from 0.1.9 to ${TO}`, function () {
    this.timeout(1_800_000);
    const name = "e2e-long";
    let droplet: Droplet;
    let installed: Installed;
    let stack: Stack;
    let rows: Record<string, number>;

    before(async () => {
        droplet = await newDroplet(name, "0.1.9");
        installed = new Installed(droplet);
        stack = await Stack.create(name, droplet);
        await stack.configure(droplet, "0.1.9");
        rows = await counts();
    });

    after(() =>
        cleanUp(
            () => Stack.remove(name),
            () => removeDroplet(name),
        ),
    );

    async function counts(tables?: readonly string[]): Promise<Record<string, number>> {
        const lines = await installed.sql(
            `SELECT format('SELECT %L, count(*) FROM %I', relname, relname) FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
                AND relname NOT IN ('alembic_version', 'refresh_tokens') ORDER BY relname \\gexec`,
        );
        const all = lines.split("\n").map((line) => line.split("|") as [string, string]);
        return Object.fromEntries(
            all.filter(([table]) => tables?.includes(table) ?? true).map(([t, n]) => [t, Number(n)]),
        );
    }

    /** Runs the walk, and kills it and its Pulumi after that many milliseconds; what it said. */
    async function walk(killAfter?: number): Promise<{ status: number | null; output: string }> {
        const child = spawn("scripts/upgrade", [TO, "--stack", name], {
            cwd: root,
            env: stack.environment,
            detached: true,
            stdio: ["ignore", "pipe", "pipe"],
        });
        let output = "";
        child.stdout.on("data", (data: Buffer) => (output += data.toString()));
        child.stderr.on("data", (data: Buffer) => (output += data.toString()));
        const timer = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), killAfter ?? 1_500_000);
        const [status] = (await once(child, "close")) as [number | null];
        clearTimeout(timer);
        return { status, output };
    }

    it("is walked by releases, again and again when it is interrupted, and every row is kept", async () => {
        for (let count = 0; count < INTERRUPTIONS; count++) {
            const after = 15_000 + Math.random() * 60_000;
            const { status, output } = await walk(after);
            assert.notEqual(status, 0, `it was done before it was interrupted, after ${after} ms:\n${output}`);
            await stack.succeed(["cancel", "--yes", "--stack", name]);
        }
        const { status, output } = await walk();
        assert.equal(status, 0, output);
        assert.match(output, /^\d of \d: 0\.3\.0$[^]* {2}backup, off the server and proven: done, \d+ s$/m);
        assert.equal(await installed.sql("SELECT version_num FROM alembic_version"), HEAD);
        const expected = Object.entries(rows).map(([table, count]) => [table, count + (ADDED[table] ?? 0)]);
        assert.deepEqual(await counts(Object.keys(rows)), Object.fromEntries(expected));
        assert.equal(await installed.status(), 302);
        // What runs, and what it came from.
        const images = (await installed.on("docker images --format '{{.Tag}}' specivo/specivo")).split("\n");
        assert.deepEqual([images.length, images.includes(TO), images.includes("0.1.9")], [2, true, false]);
    });

    it("has nothing to do when it is at its end", async () => {
        const { status, output } = await walk();
        assert.equal(status, 0, output);
        assert.match(output, new RegExp(`The instance is at ${TO} already`));
    });

    it("stops with one sentence where there is no way", async () => {
        await stack.set({ specivoVersion: "0.1.9" });
        const ended = await stack.upgrade("1.0.0");
        assert.equal(ended.status, 1, ended.output);
        assert.match(
            ended.stderr,
            /crosses a major version[^\n]*\nspecivoVersion is 0\.1\.9 now; when the cause is gone, run this again\.\n$/,
        );
    });
});
