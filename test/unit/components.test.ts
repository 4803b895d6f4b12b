import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import type { Transition } from "../../plan/ledger";
import {
    CANARY,
    find,
    IMAGE,
    MACHINE,
    nameOf,
    run,
    type Run,
    secretOf,
    STEPS,
    textOf,
    UPGRADE,
} from "./support/instance";

const valueOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

describe("the instance", () => {
    let made: Run;
    before(async () => (made = await run()));

    it("is made of these, by these names and types", () => {
        const types = Object.fromEntries([...made.seen].map(([name, { type }]) => [name, type]));
        assert.deepEqual(types, {
            specivo: "specivo:index:SpecivoInstance",
            "specivo-host": "specivo:index:Host",
            "specivo-host-toolkit": "command:remote:Command",
            "specivo-host-offsite": "command:remote:Command",
            "specivo-host-docker": "pulumi:providers:docker",
            "specivo-preflight": "specivo:index:Preflight",
            "specivo-preflight-run": "command:remote:Command",
            "specivo-backup": "specivo:index:Backup",
            "specivo-backup-run": "command:remote:Command",
            "specivo-image": "specivo:index:Image",
            "specivo-image-pull": "docker:index/remoteImage:RemoteImage",
            "specivo-rehearsal": "specivo:index:Rehearsal",
            "specivo-rehearsal-run": "command:remote:Command",
            "specivo-pin": "specivo:index:VersionPin",
            "specivo-pin-run": "command:remote:Command",
            "specivo-rollout": "specivo:index:Rollout",
            "specivo-rollout-run": "command:remote:Command",
            "specivo-verify": "specivo:index:Verify",
            "specivo-verify-run": "command:remote:Command",
            "specivo-restore-point": "specivo:index:RestorePoint",
            "specivo-restore-point-run": "command:remote:Command",
            "specivo-history": "specivo:index:History",
            "specivo-history-run": "command:remote:Command",
        });
    });

    it("is the parent of its steps, and each step that of its work", () => {
        for (const [name, { options }] of made.seen) {
            const parent =
                /^(specivo-(?:restore-point|[a-z]+))-(?!point$)[a-z]+$/.exec(name)?.[1] ??
                (name === "specivo" ? undefined : "specivo");
            assert.equal(nameOf(options.parent), parent, name);
        }
    });

    it("takes one step after the other, each when the one before is done", () => {
        const steps = made.events.filter((event) => !event.startsWith("specivo-host-"));
        assert.deepEqual(
            steps,
            STEPS.flatMap((step) => [`${step} begins`, `${step} ends`]),
        );
    });

    it("takes no step before the operations and the backups' credentials are on the server", () => {
        const order = ["specivo-host-toolkit ends", "specivo-host-offsite begins", "specivo-host-offsite ends"];
        assert.deepEqual(
            made.events.filter((event) => order.includes(event) || event === "specivo-preflight-run begins"),
            [...order, "specivo-preflight-run begins"],
        );
        for (const step of STEPS.filter((name) => name.endsWith("-run"))) {
            const needed = find(made, step).options.dependsOn as pulumi.Resource[];
            assert.deepEqual(needed.map(nameOf), ["specivo-host-toolkit", "specivo-host-offsite"], step);
        }
    });

    it("gives each step the same command whatever its transition, and the rest on stdin", async () => {
        const other: Transition = {
            ...UPGRADE,
            id: "0.1.10-to-0.1.9#2",
            direction: "rollback",
            from: "0.1.10",
            to: "0.1.9",
        };
        const another = await run("root", other);
        for (const step of STEPS.filter((name) => name.endsWith("-run"))) {
            const operation = step.replace(/^specivo-(.*)-run$/, "$1");
            for (const one of [made, another]) {
                assert.equal(textOf(one, step, "create"), `/usr/local/sbin/specivo-host ${operation}`);
                assert.deepEqual(find(one, step).inputs.update, undefined);
                assert.deepEqual(find(one, step).inputs.delete, undefined);
            }
            assert.deepEqual(find(made, step).inputs.triggers, [UPGRADE.id, UPGRADE.instance]);
            assert.deepEqual(find(another, step).inputs.triggers, [other.id, other.instance]);
            assert.deepEqual((JSON.parse(textOf(another, step, "stdin")) as { transition: unknown }).transition, other);
        }
        for (const name of ["specivo-host-toolkit", "specivo-host-offsite"]) {
            assert.deepEqual(find(another, name).inputs, find(made, name).inputs, `${name} runs for no transition`);
        }
    });

    it("gives each step what it needs of those before", () => {
        const common = { installDir: "/opt/specivo", imageRepository: "specivo/specivo", transition: UPGRADE };
        const proven = { ...common, backup: "b4ck0b", image: IMAGE };
        for (const [step, input] of [
            ["preflight", common],
            ["backup", common],
            ["rehearsal", proven],
            ["pin", proven],
            ["rollout", proven],
            ["verify", proven],
            ["restore-point", { ...common, backup: "b4ck0b" }],
            ["history", common],
        ] as const) {
            assert.deepEqual(JSON.parse(textOf(made, `specivo-${step}-run`, "stdin")), input, step);
        }
    });

    it("pulls one image, by its readable name, over SSH, and keeps the one before", () => {
        const { inputs, options } = find(made, "specivo-image-pull");
        assert.deepEqual(inputs, {
            name: "specivo/specivo:0.1.10",
            keepLocally: true,
            triggers: { backup: "b4ck0b" },
        });
        assert.equal(nameOf(options.provider), "specivo-host-docker");
        const provider = find(made, "specivo-host-docker").inputs;
        assert.equal(provider.host, "ssh://root@203.0.113.10:2222");
        assert.match(JSON.stringify(provider.sshOpts), /StrictHostKeyChecking=yes/);
    });

    it("loads the image from an archive in place of the pull, when told so", async () => {
        const loaded = await run("root", UPGRADE, "/root/specivo-image.tar");
        assert.ok(!loaded.seen.has("specivo-image-pull"));
        const { backup, archive } = JSON.parse(textOf(loaded, "specivo-image-load", "stdin")) as Record<string, string>;
        assert.deepEqual([backup, archive], ["b4ck0b", "/root/specivo-image.tar"]);
        assert.deepEqual((JSON.parse(textOf(loaded, "specivo-pin-run", "stdin")) as { image: string }).image, IMAGE);
    });

    it("verifies the server in every command, without a key of its own", () => {
        const commands = [...made.seen].filter(([, { type }]) => type === "command:remote:Command");
        assert.equal(commands.length, 10);
        for (const [name, { inputs }] of commands) {
            assert.deepEqual(secretOf(made, name, "connection"), {
                host: "203.0.113.10",
                port: 2222,
                user: "root",
                hostKey: "ssh-ed25519 AAAAC3N",
                dialErrorLimit: 10,
                perDialTimeout: 15,
            });
            assert.equal(inputs.addPreviousOutputInEnv, false);
            assert.equal(inputs.logging, "stderr");
        }
    });

    it("shows a secret to one command only, on stdin and marked as one", () => {
        for (const [name, { inputs }] of made.seen) {
            assert.equal(JSON.stringify(inputs).includes(CANARY), name === "specivo-host-offsite", name);
        }
        assert.deepEqual(JSON.parse(String(secretOf(made, "specivo-host-offsite", "stdin"))), {
            installDir: "/opt/specivo",
            imageRepository: "specivo/specivo",
            repository: "s3:https://fra1.example/specivo",
            password: `${CANARY}-password`,
            s3: { accessKeyId: "KEYID", secretAccessKey: `${CANARY}-s3` },
            keepLast: 10,
            keepDays: 30,
            startTimeout: 900,
            smoke: { login: "smoke", password: `${CANARY}-smoke`, limit: 5 },
            webhook: { url: "https://hooks.example/specivo", secret: `${CANARY}-webhook` },
        });
    });

    it("tells the version that was verified, its backup, and what a rollback would put back", async () => {
        assert.equal(await valueOf(made.instance.version), "0.1.10");
        assert.equal(await valueOf(made.instance.backup), "b4ck0b");
        assert.equal(await valueOf(made.instance.restorePoint), "9o1n7");
    });

    it("tells how the newest ten transitions went", async () => {
        assert.deepEqual(await valueOf(made.instance.history), [...Array<string>(9).fill("older"), "newest"]);
    });

    it("installs Specivo where it may have to, before anything is stored for it, and then knows it by what that tells", async () => {
        const settings = { port: 9933, admin: { login: "admin", email: "admin@example.org" } };
        const installed = await run("root", { ...UPGRADE, instance: "" }, "", { ...settings, restoreFrom: "" });
        const { inputs, options } = find(installed, "specivo-host-install-run");
        assert.deepEqual(inputs.triggers, [MACHINE, "/opt/specivo"]);
        assert.deepEqual(options.ignoreChanges, ["stdin", "create"]);
        const { files, ...input } = JSON.parse(textOf(installed, "specivo-host-install-run", "stdin")) as {
            files: Record<string, string>;
        };
        assert.deepEqual(input, {
            ...{ installDir: "/opt/specivo", imageRepository: "specivo/specivo", ...settings },
            ...{ version: "0.1.10", digest: "", archive: "" },
        });
        assert.deepEqual(Object.keys(files), ["docker-compose.yml", "nginx/default.conf"]);
        const order = ["toolkit ends", "install-run begins", "install-run ends", "offsite begins"];
        assert.deepEqual(
            installed.events.filter((event) => order.includes(event.replace("specivo-host-", ""))),
            order.map((event) => `specivo-host-${event}`),
        );
        assert.deepEqual(find(installed, "specivo-backup-run").inputs.triggers, [UPGRADE.id, "1n5ta11ed"]);
        const { transition } = JSON.parse(textOf(installed, "specivo-backup-run", "stdin")) as {
            transition: Transition;
        };
        assert.equal(transition.instance, "1n5ta11ed");
        assert.equal(await valueOf(installed.instance.id), "1n5ta11ed");
    });

    it("brings back a lost one from its backup, by the text that this update gives where it is missing", async () => {
        const settings = { port: 9933, admin: { login: "admin", email: "admin@example.org" }, restoreFrom: "latest" };
        const lost = await run("root", { ...UPGRADE, instance: "" }, "", settings, true);
        const { options } = find(lost, "specivo-host-install-run");
        assert.deepEqual(options.ignoreChanges, []);
        const text = String(secretOf(lost, "specivo-host-install-run", "stdin"));
        const { restore } = JSON.parse(text) as { restore: unknown };
        assert.deepEqual(restore, {
            ...{ from: "latest", repository: "s3:https://fra1.example/specivo", password: `${CANARY}-password` },
            ...{ s3: { accessKeyId: "KEYID", secretAccessKey: `${CANARY}-s3` }, keepLast: 10, keepDays: 30 },
        });
    });

    it("works through sudo for another user", async () => {
        const deploy = await run("deploy");
        for (const [name, { type, inputs }] of deploy.seen) {
            if (type === "command:remote:Command") {
                assert.match(String(inputs.create), /^sudo -n (\/usr\/local\/sbin\/specivo-host |bash -c ')/, name);
            }
        }
    });
});
