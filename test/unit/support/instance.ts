import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";

import { SpecivoInstance } from "../../../components/instance";
import type { InstallSettings } from "../../../installSettings";
import type { Transition } from "../../../plan/ledger";

export const CANARY = "canary-51d0";
export const IMAGE = "sha256:0110";
export const MACHINE = "7d6e5f4a3b2c";
export const UPGRADE: Transition = {
    id: "0.1.9-to-0.1.10#1",
    instance: "1f3870be274f",
    direction: "upgrade",
    from: "0.1.9",
    to: "0.1.10",
};

/** What the server and Docker answer; anything else that is asked for is an error. */
const ANSWERS: Readonly<Record<string, object>> = {
    "specivo-host-toolkit": { stdout: "" },
    "specivo-host-install-run": { stdout: JSON.stringify({ instance: "1n5ta11ed" }) },
    "specivo-host-offsite": { stdout: "{}" },
    "specivo-preflight-run": { stdout: JSON.stringify({ transition: UPGRADE.id }) },
    "specivo-backup-run": { stdout: JSON.stringify({ id: "b4ck0b" }) },
    "specivo-image-pull": { imageId: IMAGE },
    "specivo-image-load": { stdout: JSON.stringify({ id: IMAGE }) },
    "specivo-rehearsal-run": { stdout: JSON.stringify({ revisionAfter: "0020" }) },
    "specivo-pin-run": { stdout: JSON.stringify({ version: "0.1.10" }) },
    "specivo-rollout-run": { stdout: JSON.stringify({ version: "0.1.10" }) },
    "specivo-verify-run": { stdout: JSON.stringify({ version: "0.1.10" }) },
    "specivo-restore-point-run": { stdout: JSON.stringify({ restorePoint: "9o1n7" }) },
    // One more than the stack keeps.
    "specivo-history-run": {
        stdout: JSON.stringify({
            transitions: [...Array<string>(10).fill("older"), "newest"].map((text) => ({ text })),
        }),
    },
};
/** What does the work, in order. */
export const STEPS = [
    "preflight-run",
    "backup-run",
    "image-pull",
    "rehearsal-run",
    "pin-run",
    "rollout-run",
    "verify-run",
    "restore-point-run",
    "history-run",
].map((step) => `specivo-${step}`);

export interface Seen {
    readonly type: string;
    readonly inputs: Record<string, unknown>;
    readonly options: pulumi.CustomResourceOptions;
}

export interface Run {
    readonly seen: ReadonlyMap<string, Seen>;
    /** `NAME begins` and `NAME ends`, as they came. */
    readonly events: readonly string[];
    readonly instance: SpecivoInstance;
}

/** Makes the whole instance against answers, strictly. */
export async function run(
    user = "root",
    transition = UPGRADE,
    imageArchive = "",
    install?: InstallSettings,
    installs = false,
): Promise<Run> {
    const registered = new Map<string, Pick<Seen, "type" | "inputs">>();
    const options = new Map<string, pulumi.CustomResourceOptions>();
    const events: string[] = [];
    await pulumi.runtime.setMocks(
        {
            call: ({ token }) => assert.fail(`nothing is to be asked of a provider, but ${token} was`),
            newResource: async ({ name, type, inputs, custom }) => {
                assert.ok(!registered.has(name), `${name} is registered twice`);
                registered.set(name, { type, inputs: inputs as Record<string, unknown> });
                if (!custom || type === "pulumi:providers:docker") {
                    return { id: `${name}-id`, state: {} };
                }
                const answer = ANSWERS[name] ?? assert.fail(`nothing is known of ${name}`);
                events.push(`${name} begins`);
                await new Promise((resolve) => setTimeout(resolve, 5));
                events.push(`${name} ends`);
                return { id: `${name}-id`, state: { ...(inputs as object), ...answer } };
            },
        },
        "specivo",
        "test",
    );
    const instance = new SpecivoInstance(
        "specivo",
        {
            ssh: { host: "203.0.113.10", port: 2222, user, knownHostsPath: "~/.ssh/known_hosts" },
            hostKey: "ssh-ed25519 AAAAC3N",
            location: { installDir: "/opt/specivo", imageRepository: "specivo/specivo" },
            backup: {
                repository: "s3:https://fra1.example/specivo",
                password: pulumi.secret(`${CANARY}-password`),
                s3: { accessKeyId: "KEYID", secretAccessKey: pulumi.secret(`${CANARY}-s3`) },
                keepLast: 10,
                keepDays: 30,
            },
            startTimeout: 900,
            smoke: { login: "smoke", password: pulumi.secret(`${CANARY}-smoke`), limit: 5 },
            webhook: { url: "https://hooks.example/specivo", secret: pulumi.secret(`${CANARY}-webhook`) },
            imageArchive,
            machine: MACHINE,
            install,
            transition,
            installs,
        },
        {
            transformations: [
                ({ name, opts }) => {
                    options.set(name, opts);
                    return undefined;
                },
            ],
        },
    );
    await pulumi.runtime.disconnect();
    const seen = new Map<string, Seen>();
    for (const [name, one] of registered) {
        seen.set(name, { ...one, options: options.get(name) ?? assert.fail(`no options of ${name}`) });
    }
    return { seen, events, instance };
}

export function find({ seen }: Run, name: string): Seen {
    return seen.get(name) ?? assert.fail(`${name} was not made`);
}

export function nameOf(resource: pulumi.Input<pulumi.Resource> | undefined): string | undefined {
    return (resource as { __name?: string } | undefined)?.__name;
}

export function textOf(run: Run, name: string, input: string): string {
    const value = find(run, name).inputs[input];
    assert.equal(typeof value, "string", `${input} of ${name}`);
    return value as string;
}

/** What is marked as secret, as it goes to the engine. */
export function secretOf(run: Run, name: string, input: string): unknown {
    const { value, ...mark } = find(run, name).inputs[input] as Record<string, unknown>;
    const marks = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    assert.deepEqual(mark, marks, `${input} of ${name} is no secret`);
    return value;
}
