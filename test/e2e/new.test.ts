import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { Program } from "../support/program";
import { Ended, root, succeed } from "../support/run";
import { facts } from "../unit/support/facts";

/** What is asked, in this order, and what is said to it. */
const ANSWERS = [
    ["Project name", "tracker"],
    ["Project description", ""],
    ["Stack name", ""],
    ["(backupPassword)", "canary-6a02-password"],
    ["(host)", "203.0.113.10"],
    ["(offsiteAccessKeyId)", "KEYID"],
    ["(offsiteRepository)", "s3:https://fra1.example/specivo"],
    ["(offsiteSecretAccessKey)", "canary-6a02-key"],
    ["(specivoVersion)", "0.1.10"],
] as const;

describe("pulumi new, with this repository as template", function () {
    this.timeout(300_000);
    let template: string;
    let files: string[];
    let program: Program;
    let made: Ended;

    before(async () => {
        template = fs.mkdtempSync("/tmp/template-");
        const listed = await succeed("git", ["ls-files", "--cached", "--others", "--exclude-standard"]);
        files = listed.stdout
            .trim()
            .split("\n")
            .filter((file) => fs.existsSync(path.join(root, file)));
        await succeed("cp", ["--parents", "-t", template, ...files]);
        program = Program.create();
        // What it installs lies here already.
        program.command("npm", `ln -s '${root}/node_modules' .`);
        const answers = ANSWERS.map(([, answer]) => `${answer}\n`).join("");
        made = await program.pulumi(
            ["new", template, "--dir", program.directory],
            // Reads the answers though they come from no terminal.
            { PULUMI_TEST_INTERACTIVE: "true" },
            answers,
        );
        assert.equal(made.status, 0, made.output);
    });
    after(() => {
        program.remove();
        fs.rmSync(template, { recursive: true });
    });

    it("asks for what there is no default for, and tells what to do then", () => {
        const asked = new RegExp(ANSWERS.map(([question]) => question.replace(/[()]/g, "\\$&")).join("[^]*"));
        assert.match(made.output, asked);
        assert.equal(made.output.match(/\(\w+\): /g)?.length, 6 + 2, "six questions, and the defaults of two names");
        assert.match(made.output, /ready to go!/);
        assert.match(made.output, /ssh-add/);
        assert.doesNotMatch(made.output, /canary/);
    });

    it("puts the answers into the stack's file, the secrets encrypted", () => {
        const config = fs.readFileSync(program.at("Pulumi.dev.yaml"), "utf8");
        for (const [question, answer] of ANSWERS.slice(3)) {
            const key = question.slice(1, -1);
            const line = answer.startsWith("canary") ? "\n    secure: v1:.+" : ` ${answer}`;
            assert.match(config, new RegExp(`^  tracker:${key}:${line}$`, "m"));
        }
        assert.doesNotMatch(config, /canary/);
    });

    it("gives every file as it is here, but what Pulumi.yaml asked", () => {
        for (const file of files.filter((each) => each !== "Pulumi.yaml")) {
            const [here, there] = [path.join(root, file), program.at(file)];
            assert.ok(fs.readFileSync(there).equals(fs.readFileSync(here)), `${file} is another one`);
            assert.equal(fs.statSync(there).mode & 0o100, fs.statSync(here).mode & 0o100, file);
        }
        const project = fs.readFileSync(program.at("Pulumi.yaml"), "utf8");
        assert.match(project, /^name: tracker$/m);
        assert.doesNotMatch(project, /^template:/m);
    });

    it("gives a program that previews", async () => {
        program.serve(facts());
        const { status, output } = await program.pulumi(["preview", "--non-interactive"]);
        assert.equal(status, 0, output);
        assert.match(output, /upgrade: Specivo 0\.1\.9 -> 0\.1\.10/);
        assert.match(output, /specivo:index:SpecivoInstance +specivo +create/);
    });
});
