import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

import { type Decision, decideOnOwn, type Server } from "../../decide";
import type { Facts } from "../../plan/facts";
import { readSettings } from "../../settings";
import { begun, facts, upgraded } from "./support/facts";

const KNOWN: Server = { host: "203.0.113.10", hostKey: "ssh-ed25519 AAAAOLD" };
/** At the same address, which outlives the droplet. */
const OTHER: Server = { ...KNOWN, hostKey: "ssh-ed25519 AAAANEW" };
const CONFIG = {
    "specivo:dropletRegion": "fra1",
    "specivo:adminEmail": "admin@example.org",
    "specivo:specivoVersion": "0.1.10",
    "specivo:backupPassword": "canary-41aa",
    "specivo:allowOnHostBackupOnly": "true",
    "specivo:changelog": "",
};
const TIMED_OUT = "ssh: connect to host 203.0.113.10 port 22: Connection timed out";
const CHANGED = "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!";

const EMPTY = facts({ install: { dir: "/opt/specivo", present: false, pin: null } });
/** Where an `up` to 0.1.10 has installed 0.1.10, and failed after preflight. */
const FAILED_FIRST = upgraded({
    transitions: [
        begun({ id: "0.1.10-to-0.1.10#1", direction: "adopt", from: "0.1.10" }),
        { state: "failed", id: "0.1.10-to-0.1.10#1" },
    ],
});
const PLAN = {
    transition: { id: "0.1.9-to-0.1.10#4", instance: "gone", direction: "upgrade", from: "0.1.9", to: "0.1.10" },
    hostKey: KNOWN.hostKey,
    machine: "0123456789ab",
};

interface Case {
    /** As the last successful `up` left the stack; none by default. */
    readonly outputs?: object;
    readonly preview?: boolean;
    readonly onVolume?: boolean;
    /** Where the droplet's resource says that it is; undefined where a preview can't know. */
    readonly made?: Server;
    /** What whoever has that host key shows, or what ssh says. */
    readonly at?: Readonly<Record<string, Facts | string>>;
    readonly config?: Record<string, string>;
    readonly offline?: boolean;
}

const LEFT = { address: KNOWN.host, hostKey: KNOWN.hostKey, plan: PLAN };
/** Settings with which a lost one comes back. */
const back = { config: { "specivo:restoreFrom": "latest" } };

describe("what is decided on the stack's own droplet", () => {
    const environment = { ...process.env };
    const log = { info: pulumi.log.info, warn: pulumi.log.warn };
    let directory: string;
    let said: string[];
    /** What was done, in order: `look KEY`, `make`. */
    let done: string[];

    beforeEach(() => {
        directory = mkdtempSync(path.join(tmpdir(), "own-"));
        Object.assign(process.env, { PATH: `${directory}:${environment.PATH}`, XDG_CACHE_HOME: directory });
        process.env.SSH_AUTH_SOCK = path.join(directory, "agent");
        [said, done] = [[], []];
        const hear = (text: string) => Promise.resolve(void said.push(text));
        Object.assign(pulumi.log, { info: hear, warn: hear });
    });
    afterEach(() => {
        for (const name of ["PATH", "SSH_AUTH_SOCK", "XDG_CACHE_HOME"]) {
            delete process.env[name];
        }
        Object.assign(process.env, environment);
        Object.assign(pulumi.log, log);
        rmSync(directory, { recursive: true });
    });

    /** An `ssh` that answers by the host key that it is told to expect. */
    function servers(at: Readonly<Record<string, Facts | string>>): void {
        const cases = Object.entries(at).map(([key, shown]) => {
            const file = path.join(directory, key);
            writeFileSync(file, typeof shown === "string" ? shown : JSON.stringify(shown));
            const answer = typeof shown === "string" ? `cat ${file} >&2; exit 255` : `cat ${file}`;
            return `*${key}*) echo "look ${key}" >>${directory}/done; ${answer} ;;`;
        });
        const script = ["#!/bin/sh", "cat >/dev/null", 'case "$*" in', ...cases, "*) exit 9 ;;", "esac"];
        writeFileSync(path.join(directory, "ssh"), script.join("\n"), { mode: 0o755 });
    }

    async function decided(one: Case): Promise<Decision> {
        const { outputs = {}, preview = false, onVolume = false, at = {}, config = {}, offline = false } = one;
        await pulumi.runtime.setMocks(
            {
                call: ({ token }) => assert.fail(token),
                newResource: ({ type, id }) => {
                    assert.equal(type, "pulumi:pulumi:StackReference");
                    return { id: id ?? "", state: { outputs, secretOutputNames: [] } };
                },
            },
            "specivo",
            "test",
            preview,
            "nobody",
        );
        pulumi.runtime.setAllConfig({ ...CONFIG, ...config }, ["specivo:backupPassword"]);
        servers(at);
        const settings = readSettings(offline ? { ...process.env, SPECIVO_OFFLINE: "true" } : process.env);
        const made = () => {
            appendFileSync(path.join(directory, "done"), "make\n");
            return Promise.resolve(one.made);
        };
        try {
            return await decideOnOwn(settings, { onVolume, made });
        } finally {
            const file = path.join(directory, "done");
            done = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
        }
    }

    async function refused(one: Case): Promise<string> {
        const error: unknown = await decided(one).then(
            ({ plan }) => assert.fail(plan.lines.join("\n")),
            (reason: unknown) => reason,
        );
        assert.ok(pulumi.RunError.isInstance(error), String(error));
        assert.match(error.message, /^[^\r\n]*\.$/);
        return error.message;
    }

    const inBoth = (what: string, test: (preview: boolean) => Promise<void>) => {
        it(`${what}, in a preview`, () => test(true));
        it(`${what}, in an update`, () => test(false));
    };

    describe("where no up has succeeded yet", () => {
        inBoth("is refused for another login than a new droplet has, before that is made", async (preview) => {
            for (const config of [{ "specivo:sshUser": "ops" }, { "specivo:sshPort": "2222" }]) {
                assert.match(
                    await refused({ config, preview }),
                    /^The droplet is new, and lets in root on port 22 alone/,
                );
                assert.deepEqual(done, []);
            }
        });

        it("is the plan for a server that is to be made, in a preview", async () => {
            const { plan, hostKey } = await decided({ preview: true });
            assert.deepEqual([plan.transition.id, plan.installs, hostKey], ["0.1.10-to-0.1.10#1", true, "unknown"]);
            assert.match(said[0] ?? "", /^install: Specivo 0\.1\.10/);
            assert.deepEqual(done, ["make"]);
        });

        it("brings back what restoreFrom names, though there is a volume: it is as new", async () => {
            const { plan } = await decided({ ...back, preview: true, onVolume: true });
            assert.match(plan.lines[0] ?? "", /^bring back/);
        });

        it("is made, looked at and installed on, in an update", async () => {
            const { plan } = await decided({ made: OTHER, at: { AAAANEW: EMPTY } });
            assert.deepEqual([plan.transition.id, plan.installs], ["0.1.10-to-0.1.10#1", true]);
            assert.deepEqual(done, ["make", "look AAAANEW"]);
        });

        inBoth("goes on after a first up that failed, with a number of its own", async (preview) => {
            const { plan } = await decided({ preview, made: OTHER, at: { AAAANEW: FAILED_FIRST } });
            assert.deepEqual([plan.transition.id, plan.installs], ["0.1.10-to-0.1.10#2", undefined]);
            assert.equal(said.filter((text) => text.includes("does not answer")).length, 0);
        });

        it("estimates in a preview that does not reach it, and stops in an update", async () => {
            const at = { AAAANEW: TIMED_OUT };
            assert.equal((await decided({ preview: true, made: OTHER, at })).plan.estimated, true);
            assert.match(await refused({ made: OTHER, at }), /^203\.0\.113\.10 port 22 can't be reached/);
        });

        it("estimates in a preview that is to do without a look", async () => {
            assert.equal((await decided({ preview: true, made: OTHER, offline: true })).plan.estimated, true);
            assert.deepEqual(done, ["make"]);
        });
    });

    describe("where the last up has left it", () => {
        inBoth("is looked at, and nothing made for that", async (preview) => {
            const { plan } = await decided({ outputs: LEFT, preview, at: { AAAAOLD: upgraded() } });
            assert.equal(plan.work, "nothing");
            assert.deepEqual(done, ["look AAAAOLD"]);
        });

        it("is refused what is unsafe before anything is made", async () => {
            const config = { "specivo:specivoVersion": "0.8.0" };
            assert.match(await refused({ outputs: LEFT, at: { AAAAOLD: upgraded() }, config }), /^Going from 0\.1\.10/);
            assert.deepEqual(done, ["look AAAAOLD"]);
        });

        it("is refused what ssh refuses", async () => {
            const at = { AAAAOLD: "Permission denied (publickey)." };
            assert.match(await refused({ outputs: LEFT, preview: true, at }), /accepts no key of your SSH agent/);
        });

        it("is not asked for in a preview that is to do without a look", async () => {
            const { plan } = await decided({ outputs: LEFT, preview: true, offline: true });
            assert.deepEqual([plan.estimated, plan.transition.id], [true, PLAN.transition.id]);
            assert.deepEqual(done, []);
        });
    });

    const NONE_ANY_MORE =
        /^There is no Specivo in \/opt\/specivo on the stack's own droplet, where this stack has kept one: .*`pulumi config set restoreFrom latest`\.$/;

    describe("where it does not answer", () => {
        const silent = { outputs: LEFT, at: { AAAAOLD: TIMED_OUT } };
        const guard =
            /^The stack's own droplet does not answer\. .*refresh.* and have .* restoreFrom latest`; the next/;

        it("is estimated in a preview while it is the same", async () => {
            for (const onVolume of [false, true]) {
                const { plan, hostKey } = await decided({ ...silent, preview: true, onVolume, made: KNOWN });
                assert.deepEqual([plan.estimated, hostKey], [true, KNOWN.hostKey]);
            }
        });

        it("is refused in an update before anything is made, where data would be lost", async () => {
            assert.match(await refused({ ...silent, made: OTHER }), guard);
            assert.deepEqual(done, ["look AAAAOLD"]);
        });

        it("is refused so in a preview too, where it is to be made anew, or was", async () => {
            assert.match(await refused({ ...silent, preview: true }), guard);
            assert.match(await refused({ ...silent, preview: true, made: OTHER }), guard);
        });

        it("is refused in an update while it is the same, with what to do if it is gone", async () => {
            for (const one of [{ onVolume: true }, back]) {
                const sentence = await refused({ ...silent, ...one, made: KNOWN });
                assert.match(
                    sentence,
                    /^The stack's own droplet does not answer\. .*refresh --target '\*\*spec.*makes another/,
                );
                assert.doesNotMatch(sentence, /restoreFrom/);
            }
        });

        it("says in a preview what another one will bring back", async () => {
            const { plan } = await decided({ ...silent, ...back, preview: true });
            assert.equal(plan.transition.id, "0.1.9-to-0.1.10#5");
            assert.match(said[0] ?? "", /^bring back: Specivo 0\.1\.10/);
            assert.match(said[1] ?? "", /^The stack's own droplet does not answer, and another one takes its place\./);
        });

        it("says in a preview that another one starts what is on the volume, whatever restoreFrom says", async () => {
            for (const one of [{}, back]) {
                const { plan } = await decided({ ...silent, ...one, preview: true, onVolume: true });
                assert.match(plan.lines[0] ?? "", /^start: Specivo in \/opt\/specivo/);
            }
        });

        it("is made anew, and installed on, where it was a droplet without Specivo", async () => {
            const alone = { ...silent, outputs: { ...LEFT, plan: undefined } };
            for (const onVolume of [false, true]) {
                const { plan } = await decided({ ...alone, onVolume, preview: true });
                assert.match(plan.lines[0] ?? "", /^install: Specivo 0\.1\.10/);
            }
            const at = { ...silent.at, AAAANEW: EMPTY };
            assert.equal((await decided({ ...alone, at, made: OTHER })).plan.installs, true);
        });

        inBoth("is planned by what is on another one", async (preview) => {
            const at = { ...silent.at, AAAANEW: EMPTY };
            const { plan } = await decided({ ...silent, ...back, preview, at, made: OTHER });
            assert.deepEqual([plan.transition.id, plan.installs], ["0.1.9-to-0.1.10#5", true]);
            assert.deepEqual(done, ["look AAAAOLD", "make", "look AAAANEW"]);
            assert.match(said.join("\n"), /does not answer, and another one takes its place/);
        });

        inBoth("is refused where its volume holds no Specivo and nothing is to come back", async (preview) => {
            const at = { ...silent.at, AAAANEW: EMPTY };
            const lost = { ...silent, preview, onVolume: true, at, made: OTHER };
            assert.match(await refused(lost), NONE_ANY_MORE);
            assert.equal((await decided({ ...lost, ...back })).plan.transition.id, "0.1.9-to-0.1.10#5");
        });

        it("is started on another one from its volume", async () => {
            const atRest = facts({ services: [], version: null, database: null, settings: null });
            const at = { ...silent.at, AAAANEW: atRest };
            const { plan } = await decided({ ...silent, at, onVolume: true, made: OTHER });
            assert.deepEqual([plan.transition.id, plan.installs], ["0.1.10-to-0.1.10#1", true]);
        });
    });

    describe("where it answers, and holds no Specivo any more", () => {
        const emptied = { outputs: LEFT, at: { AAAAOLD: EMPTY } };

        inBoth("is refused while nothing is to come back", async (preview) => {
            assert.match(await refused({ ...emptied, preview }), NONE_ANY_MORE);
            assert.equal((await decided({ ...emptied, ...back, preview })).plan.installs, true);
        });

        it("gets one where it never had any", async () => {
            const outputs = { ...LEFT, plan: undefined };
            assert.match((await decided({ ...emptied, outputs })).plan.lines[0] ?? "", /^install: /);
        });
    });

    describe("where another host key is shown", () => {
        const changed = { outputs: LEFT, at: { AAAAOLD: CHANGED } };

        inBoth("stops while the droplet is the same", async (preview) => {
            const sentence = await refused({ ...changed, preview, onVolume: true, made: KNOWN });
            assert.match(sentence, /^The droplet at 203\.0\.113\.10 port 22 shows another host key .*listening in\.$/);
            assert.match(await refused({ ...changed, preview: true, made: KNOWN }), /listening in\.$/);
        });

        inBoth("goes on with the one that an up made which failed then", async (preview) => {
            const at = { ...changed.at, AAAANEW: FAILED_FIRST };
            const { plan } = await decided({ ...changed, ...back, preview, at, made: OTHER });
            assert.equal(plan.transition.id, "0.1.10-to-0.1.10#2");
            assert.doesNotMatch(said.join("\n"), /another host key|does not answer/);
        });

        inBoth("stops where that one might be empty", async (preview) => {
            const sentence = await refused({ ...changed, preview, made: OTHER });
            assert.match(sentence, /^The droplet at .* listening in\. If it was lost, .* restoreFrom latest`\.$/);
            assert.deepEqual(done, preview ? ["look AAAAOLD", "make"] : ["look AAAAOLD"]);
        });
    });
});
