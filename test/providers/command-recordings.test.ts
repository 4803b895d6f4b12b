import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PluginProcess, type Answer } from "./plugin";
import { expected, recordings, title, translated, withoutRandom, type Recorded } from "./recordings";
import { SshServer } from "./ssh-server";
import { cleanUp } from "../support/clean-up";

const RECORDED_HOST_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAILydr97R2c0oww1l6Ezk\\+\\+22\\+qrYt3o9gRzMAeRzGgb8";

/** Every recorded call, sent to the stand-in at once: it has to serve them side by side as the engine asks. */
describe("the stand-in of the command plugin answers as the real one did", function () {
    this.timeout(30_000);
    const all = recordings("command");
    const answers = new Map<Recorded, Promise<Answer>>();
    let folder: string;
    let server: SshServer;
    let plugin: PluginProcess;

    before(async () => {
        folder = mkdtempSync(path.join(tmpdir(), "replay-"));
        mkdirSync(path.join(folder, "root/rec"), { recursive: true });
        mkdirSync(path.join(folder, "dir"));
        writeFileSync(path.join(folder, "dir/file"), "content");
        server = await SshServer.start({ root: path.join(folder, "root") });
        plugin = await PluginProcess.start("command", { SSH_AUTH_SOCK: server.agentSocket });
        await plugin.configure({});
        const ours = server.hostKeys.ed25519.public.split(" ")[1] ?? "";
        for (const call of all) {
            const request = translated(call.request, [
                [RECORDED_HOST_KEY, ours],
                ["\\bHOST\\b", "127.0.0.1"],
                ['"port":22\\b', `"port":${server.port}`],
                ['"path":"./dir"', `"path":"${folder}/dir"`],
            ]);
            const answer = plugin.call(call.verb, request).then((received) =>
                translated(received, [
                    [ours.replaceAll("+", "\\+"), RECORDED_HOST_KEY.replaceAll("\\", "")],
                    [`"port":${server.port}\\b`, '"port":22'],
                    ["127\\.0\\.0\\.1", "HOST"],
                    [`"path":"${folder}/dir"`, '"path":"./dir"'],
                ]),
            );
            answers.set(call, answer);
        }
    });

    after(() =>
        cleanUp(
            () => plugin?.stop(),
            () => server?.stop(),
            () => folder && rmSync(folder, { recursive: true }),
        ),
    );

    for (const call of all) {
        it(title(call), async () => {
            const received = await answers.get(call);
            assert.ok(received);
            assert.deepEqual(withoutRandom(received, call.verb), withoutRandom(expected(call), call.verb));
        });
    }

    it("and the commands and copies really took place", async () => {
        await Promise.all(answers.values());
        assert.match(readFileSync(path.join(folder, "root/rec/a/b.txt"), "utf8"), /^abcd?$/);
        assert.equal(readFileSync(path.join(folder, "root/rec/d/dir/file"), "utf8"), "content");
        assert.equal(readFileSync(path.join(folder, "root/rec/gone"), "utf8"), "gone\n");
    });
});
