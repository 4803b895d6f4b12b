import * as assert from "node:assert/strict";
import { cleanUp } from "../support/clean-up";
import { fault, mend } from "../support/faults";
import { Installed } from "../support/instance";
import { differences, Droplet, fingerprint, newDroplet, on, removeDroplet } from "../support/lab";
import { Stack } from "../support/stack";

interface Host {
    readonly what: string;
    readonly name: string;
    readonly form?: string;
    readonly from?: string;
    readonly to?: string;
    /** What the admin did before this program came. */
    readonly prepare?: (installed: Installed) => Promise<unknown>;
    readonly config?: Record<string, string>;
    /** Why an `up` is refused at first, and what the admin does about it. */
    readonly refused?: readonly [RegExp, (installed: Installed) => Promise<unknown>];
    readonly afterwards?: (installed: Installed, output: string) => Promise<unknown>;
}

const inEnv = (line: string) => (installed: Installed) => installed.on(`echo '${line}' >> .env`);

const HOSTS: readonly Host[] = [
    {
        what: "started by `make up`, with its key in .env.local alone",
        name: "make",
        form: "make",
        afterwards: async (installed, output) => {
            assert.equal(await installed.running("SECRET_KEY"), (await installed.file(".env.local"))["SECRET_KEY"]);
            assert.doesNotMatch(output, /ANYBODY CAN SIGN IN/);
        },
    },
    {
        what: "with the files of the first releases, whose nginx keeps the api's address",
        name: "first",
        form: "first",
    },
    {
        what: "that runs on `latest`: it is adopted as it is",
        name: "latest",
        from: "0.8.0",
        to: "0.8.0",
        prepare: (installed) =>
            installed.on(
                "sed -i 's/^SPECIVO_VERSION=.*/SPECIVO_VERSION=latest/' .env && docker compose up -d --wait 2>&1",
            ),
        afterwards: async (installed, output) => {
            assert.match(output, /adopt: Specivo 0\.8\.0 -> 0\.8\.0/);
            assert.equal((await installed.file(".env"))["SPECIVO_VERSION"], "0.8.0");
            assert.equal(
                await installed.on("docker inspect -f '{{.Config.Image}}' specivo-api-1"),
                "specivo/specivo:latest",
            );
            assert.match(output, /ANYBODY CAN SIGN IN AS ADMINISTRATOR/);
        },
    },
    {
        what: "behind a STEALTH_PREFIX, which hides its health page from Compose until somebody sees to that",
        name: "stealth",
        prepare: async (installed) => {
            await inEnv("STEALTH_PREFIX=/hidden")(installed);
            // It waits for the api to get healthy, which it never does.
            await installed.on("timeout 8 docker compose up -d api celery-worker celery-beat 2>&1 || true");
        },
        refused: [
            /An upgrade starts from a healthy instance only, and .*api is (starting|unhealthy).*STEALTH_PREFIX/,
            (installed) =>
                installed.on(
                    "sed -i 's#http://localhost:8000/health#http://localhost:8000/hidden/health/#' docker-compose.yml && docker compose up -d --wait 2>&1",
                ),
        ],
    },
    {
        what: "without a registry, its image loaded from an archive",
        name: "air-gapped",
        prepare: async (installed) => {
            await installed.on(
                "docker pull -q specivo/specivo:0.1.10 && docker save -o /root/specivo-image.tar specivo/specivo:0.1.10 && docker rmi specivo/specivo:0.1.10",
            );
            await fault(installed.droplet, "registry-gone");
        },
        config: { imageArchive: "/root/elsewhere.tar" },
        refused: [
            /There is no image archive \/root\/elsewhere\.tar on the server/,
            (installed) => installed.on("mv /root/specivo-image.tar /root/elsewhere.tar"),
        ],
    },
    {
        what: "reached by a user with sudo",
        name: "sudo",
        config: { sshUser: "deploy" },
        prepare: (installed) => installed.on("gpasswd -d deploy docker"),
        refused: [
            /The pull runs as specivo:sshUser, which may not use Docker/,
            (installed) => installed.on("gpasswd -a deploy docker"),
        ],
    },
];

for (const host of HOSTS) {
    describe(`an instance ${host.what}`, function () {
        this.timeout(300_000);
        const name = `e2e-${host.name}`;
        const { from = "0.1.9", to = "0.1.10", form = "compose" } = host;
        let droplet: Droplet;
        let installed: Installed;
        let stack: Stack;
        let data: string;
        let containers: Record<string, string>;

        before(async () => {
            droplet = await newDroplet(name, from, { form });
            installed = new Installed(droplet);
            await host.prepare?.(installed);
            stack = await Stack.create(name, droplet);
            await stack.configure(droplet, to);
            await stack.set(host.config ?? {});
        });

        after(() =>
            cleanUp(
                () => Stack.remove(name),
                () => mend(droplet),
                () => removeDroplet(name),
            ),
        );

        if (host.refused !== undefined) {
            const [sentence, mendIt] = host.refused;
            it("is refused, with the way out", async () => {
                const refused = await stack.up();
                assert.notEqual(refused.status, 0, refused.output);
                assert.match(refused.output, sentence);
                assert.equal(await on(droplet, "ls /var/lib/specivo-upgrade 2>/dev/null || true"), "");
                await mendIt(installed);
            });
        }

        it(`ends on ${to}, with its rows, files and settings, and nothing restarted that needs not be`, async () => {
            data = await fingerprint(droplet);
            containers = await installed.containers();
            const settings = await environments();
            const ended = await stack.up();
            assert.equal(ended.status, 0, ended.output);
            assert.equal(await differences(data, await fingerprint(droplet)), "");
            assert.equal(await environments(), settings);
            const now = await installed.containers();
            const recreated = Object.keys(now).filter((service) => now[service] !== containers[service]);
            assert.deepEqual(recreated.sort(), from === to ? [] : ["api", "celery-beat", "celery-worker"]);
            assert.equal(await installed.status(installed.instance.url + (await prefix())), 302);
            await host.afterwards?.(installed, ended.output);
            const again = await stack.up("--expect-no-changes");
            assert.equal(again.status, 0, again.output);
        });

        /** The settings of all three services, but for the pin, which is what is meant to change. */
        async function environments(): Promise<string> {
            const format = "{{range .Config.Env}}{{println .}}{{end}}";
            const names = ["api", "celery-worker", "celery-beat"].map((service) => `specivo-${service}-1`).join(" ");
            return installed.on(`docker inspect -f '${format}' ${names} | grep -v '^SPECIVO_VERSION=' | sort`);
        }

        async function prefix(): Promise<string> {
            return (await installed.running("STEALTH_PREFIX")) ?? "";
        }
    });
}
