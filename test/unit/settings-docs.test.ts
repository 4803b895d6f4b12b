import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";

import { declareSettings, settingArgs, settingsPage } from "../../commands/docs/settings";
import { SETTINGS } from "../../settingsSchema";
import { root } from "../support/run";

const read = (file: string) => readFileSync(path.join(root, file), "utf8");

describe("what is made from the settings' schema", () => {
    it("is in docs/settings.md", () => {
        assert.equal(read("docs/settings.md"), settingsPage(), "run `npm run docs`");
    });

    it("is in Pulumi.yaml, which keeps everything else", () => {
        assert.equal(read("Pulumi.yaml"), declareSettings(read("Pulumi.yaml")), "run `npm run docs`");
        const changed = declareSettings("name: x\nconfig:\n  gone:\n    type: string\n\nruntime: nodejs\n");
        assert.match(changed, /^name: x\nconfig:\n {2}specivoVersion:\n[^]*\nruntime: nodejs\n$/);
        assert.doesNotMatch(changed, /gone/);
    });

    it("is in the arguments of a component", () => {
        assert.equal(read("components/settingArgs.ts"), settingArgs(), "run `npm run docs`");
        assert.match(settingArgs(), /\n {4}readonly backupPassword: pulumi\.Input<string>;\n/);
        assert.match(settingArgs(), /\n {4}readonly sshPort\?: number;\n/);
        assert.doesNotMatch(settingArgs(), /readonly (droplet|backupBucket)/);
    });

    it("is read, key by key", () => {
        const readers = readdirSync(root).filter((file) => /^(settings|\w+Settings)\.ts$/.test(file));
        const text = readers.map(read).join("\n");
        assert.deepEqual(
            Object.keys(SETTINGS).filter((key) => !text.includes(`"${key}"`)),
            [],
        );
    });
});
