import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { Server, utils } from "ssh2";

import { observe } from "../../observe";
import { cleanUp } from "../support/clean-up";

/** The messages that are turned into sentences are those of the ssh client that is installed, against a real server. */
describe("a look over real SSH", () => {
    const oldAgent = process.env.SSH_AUTH_SOCK;
    let directory: string;
    let agent: ChildProcess | undefined;
    let server: Server | undefined;
    let port: number;
    let commands: string[];

    const at = (name: string) => path.join(directory, name);
    /** The "server" is this machine, with a Docker of its own behind the first place of its PATH. */
    const serverPath = () => `${at("bin")}:${process.env.PATH}`;
    const docker = (script: string) => writeFileSync(at("bin/docker"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const publicKey = (name: string) =>
        readFileSync(at(`${name}.pub`), "utf8")
            .split(" ")
            .slice(0, 2)
            .join(" ");
    const know = (key: string) => writeFileSync(at("known_hosts"), `[127.0.0.1]:${port} ${publicKey(key)}\n`);
    const look = (changes: { user?: string; port?: number; host?: string } = {}) =>
        observe({
            ssh: { host: "127.0.0.1", port, user: "root", knownHostsPath: at("known_hosts"), ...changes },
            installDir: "/nonexistent",
            target: { version: "0.1.10", imageRepository: "specivo/specivo", imageArchive: "" },
        });
    const refused = (sentence: RegExp, changes?: Parameters<typeof look>[0]) =>
        assert.rejects(look(changes), (error: Error) => {
            assert.ok(pulumi.RunError.isInstance(error), String(error));
            assert.match(error.message, sentence);
            assert.match(error.message, /^[^\r\n]*\.$/);
            return true;
        });

    before(async () => {
        directory = mkdtempSync(path.join(tmpdir(), "ssh-"));
        for (const name of ["host", "other", "user"]) {
            execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", at(name)]);
        }
        mkdirSync(at("bin"));
        process.env.SSH_AUTH_SOCK = at("agent");
        const started = spawn("ssh-agent", ["-D", "-a", at("agent")], { stdio: ["ignore", "pipe", "ignore"] });
        agent = started;
        await once(started.stdout, "data");
        execFileSync("ssh-add", ["-q", at("user")]);
        const allowed = utils.parseKey(readFileSync(at("user.pub")));
        assert.ok(!(allowed instanceof Error));
        server = new Server({ hostKeys: [readFileSync(at("host"))] }, (client) => {
            client.on("error", () => undefined);
            client.on("authentication", (attempt) => {
                const right =
                    attempt.method === "publickey" &&
                    attempt.username === "root" &&
                    attempt.key.data.equals(allowed.getPublicSSH());
                if (right) {
                    attempt.accept();
                } else {
                    attempt.reject(["publickey"]);
                }
            });
            client.on("session", (accept) => {
                accept().on("exec", (acceptExec, _reject, { command }) => {
                    commands.push(command);
                    const stream = acceptExec();
                    const child = spawn("bash", ["-c", command], { env: { ...process.env, PATH: serverPath() } });
                    stream.pipe(child.stdin);
                    child.stdout.pipe(stream, { end: false });
                    child.stderr.pipe(stream.stderr, { end: false });
                    child.on("close", (status) => {
                        stream.exit(status ?? 1);
                        stream.end();
                    });
                });
            });
        });
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        port = (server.address() as AddressInfo).port;
    });
    beforeEach(() => {
        commands = [];
        docker('if [ "$1" = version ]; then echo 26.1.5; fi');
        know("host");
    });
    after(() =>
        cleanUp(
            () => server?.close(),
            () => agent?.kill(),
            () => directory && rmSync(directory, { recursive: true }),
            () => {
                if (oldAgent === undefined) {
                    delete process.env.SSH_AUTH_SOCK;
                } else {
                    process.env.SSH_AUTH_SOCK = oldAgent;
                }
            },
        ),
    );

    it("brings this project's own facts, by one command", async () => {
        const facts = await look();
        assert.deepEqual([facts.install.dir, facts.install.present], ["/nonexistent", false]);
        assert.equal(facts.target?.version, "0.1.10");
        assert.deepEqual(commands, [`bash -c 'eval "$(cat)"'`]);
    });

    it("tells a Docker engine that is down", async () => {
        docker("echo Cannot connect to the Docker daemon >&2; exit 1");
        await refused(/^Docker's engine does not answer on the server \(Cannot connect.*systemctl start docker/);
    });

    it("stops at an unknown host key", async () => {
        writeFileSync(at("known_hosts"), "");
        await refused(/^The host key of 127\.0\.0\.1 port \d+ is not in .*ssh-keyscan/);
        assert.deepEqual(commands, []);
    });

    it("stops at a changed host key", async () => {
        know("other");
        await refused(
            /^The host key of 127\.0\.0\.1 port \d+ is not the one in .*`ssh-keygen -R '\[127\.0\.0\.1\]:\d+'/,
        );
        assert.deepEqual(commands, []);
    });

    it("stops when the agent has no accepted key", () =>
        refused(/^nobody@127\.0\.0\.1 accepts no key/, { user: "nobody" }));

    it("stops when nobody listens", async () => {
        const free = new Server({ hostKeys: [readFileSync(at("host"))] });
        free.listen(0, "127.0.0.1");
        await once(free, "listening");
        const unused = (free.address() as AddressInfo).port;
        free.close();
        await once(free, "close");
        await refused(/^127\.0\.0\.1 port \d+ can't be reached over SSH \(.*Connection refused\)/, { port: unused });
    });

    it("stops at a name that does not resolve", () =>
        refused(/^The name no-such-host\.invalid can't be resolved/, { host: "no-such-host.invalid" }));
});
