import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PluginProcess } from "../support/plugin";
import { conformance } from "../support/plugins";
import { replay, type Stage } from "../support/replay";
import { SshServer } from "../support/ssh-server";
import { cleanUp } from "../../support/clean-up";

conformance("command", "answers as recorded", (plugin) => {
    let folder: string;
    let server: SshServer;
    let stage: Stage;

    before(async () => {
        folder = mkdtempSync(path.join(tmpdir(), "replay-"));
        mkdirSync(path.join(folder, "root/rec"), { recursive: true });
        mkdirSync(path.join(folder, "dir"));
        writeFileSync(path.join(folder, "dir/file"), "content");
        server = await SshServer.start({ root: path.join(folder, "root") });
        const process = await PluginProcess.start(plugin, { SSH_AUTH_SOCK: server.agentSocket }, folder);
        await process.configure({});
        stage = {
            process,
            words: [
                { recorded: "HOST", here: "127.0.0.1", why: "the droplet's address" },
                { recorded: '"port":22', here: `"port":${server.port}`, why: "port 22 is taken, or not ours to take" },
                {
                    recorded: "AAAAC3NzaC1lZDI1NTE5AAAAILydr97R2c0oww1l6Ezk++22+qrYt3o9gRzMAeRzGgb8",
                    here: server.hostKeys.ed25519.public.split(" ")[1] ?? "",
                    why: "the droplet's host key, whose private half is gone",
                },
            ],
        };
    });

    after(() =>
        cleanUp(
            () => stage?.process.stop(),
            () => server?.stop(),
            () => folder && rmSync(folder, { recursive: true }),
        ),
    );

    replay(plugin, () => stage);

    it("and the commands and copies really took place", () => {
        assert.match(readFileSync(path.join(folder, "root/rec/a/b.txt"), "utf8"), /^abcd?$/);
        assert.equal(readFileSync(path.join(folder, "root/rec/d/dir/file"), "utf8"), "content");
        assert.equal(readFileSync(path.join(folder, "root/rec/gone"), "utf8"), "gone\n");
    });
});
