import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Ended, root, run, succeed } from "./run";

/** Another Pulumi program than this one, in a directory that goes with it, its state included. */
export class Program {
    private constructor(private readonly home: string) {}

    static create(files: Readonly<Record<string, string>> = {}): Program {
        const program = new Program(fs.mkdtempSync(path.join(os.tmpdir(), "program-")));
        for (const folder of ["program", "state", "bin"]) {
            fs.mkdirSync(path.join(program.home, folder));
        }
        program.write(files);
        return program;
    }

    get directory(): string {
        return path.join(this.home, "program");
    }

    at(...parts: string[]): string {
        return path.join(this.directory, ...parts);
    }

    write(files: Readonly<Record<string, string>>): void {
        for (const [name, text] of Object.entries(files)) {
            fs.mkdirSync(path.dirname(this.at(name)), { recursive: true });
            fs.writeFileSync(this.at(name), text);
        }
    }

    /** As npm would, but in no time: this repository's packages of these names. */
    link(...packages: readonly string[]): void {
        for (const name of packages) {
            fs.mkdirSync(path.dirname(this.at("node_modules", name)), { recursive: true });
            fs.symlinkSync(path.join(root, "node_modules", name), this.at("node_modules", name));
        }
    }

    /** A command that this program, and all that it starts, finds before every other of its name; its file. */
    command(name: string, script: string): string {
        const file = path.join(this.home, "bin", name);
        fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
        return file;
    }

    /** The server shows this to whoever looks. */
    serve(shown: object): void {
        const file = path.join(this.home, "shown");
        fs.writeFileSync(file, JSON.stringify(shown));
        this.command("ssh", `cat >/dev/null\ncat '${file}'`);
    }

    /** Runs `pulumi ARGS` in its directory; never throws for its status. */
    pulumi(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ""): Promise<Ended> {
        return run("scripts/pulumi", ["--cwd", this.directory, ...args, "--color", "never"], {
            env: {
                ...process.env,
                SPECIVO_LAB: "",
                PULUMI_BACKEND_URL: `file://${path.join(this.home, "state")}`,
                PULUMI_CONFIG_PASSPHRASE: "of a test",
                // Nobody listens there.
                SSH_AUTH_SOCK: path.join(this.home, "agent"),
                PATH: `${path.join(this.home, "bin")}:${process.env.PATH}`,
                ...env,
            },
            input,
        });
    }

    async succeed(...args: string[]): Promise<Ended> {
        const ended = await this.pulumi(args);
        if (ended.status !== 0) {
            throw new Error(`pulumi ${args.join(" ")} ended with ${ended.status}:\n${ended.output}`);
        }
        return ended;
    }

    remove(): void {
        fs.rmSync(this.home, { recursive: true });
    }
}

/** The package, as `npm pack` makes it, unpacked where this program finds it, with what it says it needs. */
export async function installPackage(program: Program): Promise<void> {
    const { stdout } = await succeed("npm", ["pack", "--silent", "--pack-destination", program.directory]);
    const folder = program.at("node_modules", "specivo-pulumi");
    fs.mkdirSync(folder, { recursive: true });
    await succeed("tar", ["-xzf", program.at(stdout.trim()), "-C", folder, "--strip-components=1"]);
    const { dependencies } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")) as {
        dependencies: Record<string, string>;
    };
    program.link(...Object.keys(dependencies));
}
