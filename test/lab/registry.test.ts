import * as assert from "node:assert/strict";
import { once } from "node:events";
import { fault, mend, seconds, tryFault } from "../support/faults";
import { Droplet, newDroplet, on, removeDroplet, spawnOn, tryOn } from "../support/lab";
import { Ended, run } from "../support/run";

const NAME = "faults-registry";
const IMAGE = "redis:7-alpine";

describe("faults of the registry", function () {
    this.timeout(120_000);
    let droplet: Droplet;
    let hub: string;
    let blob: string;

    before(async () => {
        droplet = await newDroplet(NAME, "none");
        // The first of the names that /etc/hosts has for the registry.
        hub = (await on(droplet, `awk '$1 == "${droplet.registry}" { print $2; exit }' /etc/hosts`)).trim();
        const manifest = JSON.parse(await on(droplet, `${curl("manifests/7-alpine")} -f`)) as {
            readonly layers: readonly { readonly digest: string; readonly size: number }[];
        };
        const [largest] = [...manifest.layers].sort((one, other) => other.size - one.size);
        assert.ok(largest !== undefined && largest.size > 3_000_000);
        blob = `blobs/${largest.digest}`;
    });

    after(() => removeDroplet(NAME));
    afterEach(() => mend(droplet));

    function curl(path: string): string {
        const accept = "Accept: application/vnd.docker.distribution.manifest.v2+json";
        return `curl -sS -H '${accept}' https://${hub}/v2/library/redis/${path}`;
    }

    function pull(): Promise<Ended> {
        return tryOn(droplet, `docker pull -q ${IMAGE}`);
    }

    /** The pull fails with these words of Docker's, another client is served meanwhile, and the droplet once it is mended. */
    async function failsWith(text: RegExp): Promise<void> {
        const failed = await pull();
        assert.equal(failed.status, 1, failed.output);
        assert.match(failed.output, text);
        const url = `https://${droplet.registry}/v2/library/redis/manifests/7-alpine`;
        const other = await run("curl", ["-sSfk", "--noproxy", "*", "-o", "/dev/null", url]);
        assert.equal(other.status, 0, other.output);
        await mend(droplet);
        await on(droplet, `${curl("manifests/7-alpine")} -f -o /dev/null && ${curl(blob)} -f -o /dev/null`);
    }

    it("registry-gone: connections are reset, also those that were open before", async () => {
        const connection = spawnOn(droplet, `openssl s_client -quiet -connect ${hub}:443 2>/dev/null`);
        const ended = once(connection, "exit");
        let answers = "";
        connection.stdout.on("data", (data: Buffer) => (answers += data.toString()));
        const ask = `GET /v2/ HTTP/1.1\r\nHost: ${hub}\r\n\r\n`;
        connection.stdin.write(ask);
        await once(connection.stdout, "data");
        await fault(droplet, "registry-gone");
        connection.stdin.write(ask);
        await ended;
        assert.equal(answers.match(/^HTTP/gm)?.length, 1, answers);
        await failsWith(/connection reset by peer|connection refused/);
    });

    it("registry-limited: too many pulls, as Docker Hub says it; a look at a manifest's head stays free", async () => {
        await fault(droplet, "registry-limited");
        const head = await on(droplet, `${curl("manifests/7-alpine")} -f -I`);
        assert.match(head, /^ratelimit-remaining: 0;/im);
        await failsWith(/toomanyrequests: You have reached your unauthenticated pull rate limit\./);
    });

    it("registry-broken: an internal error", async () => {
        await fault(droplet, "registry-broken");
        await failsWith(/received unexpected HTTP status: 500 Internal Server Error/);
    });

    it("registry-cuts: blobs end in their middle, and the pull gives up", async () => {
        await fault(droplet, "registry-cuts");
        await failsWith(/unexpected EOF/);
    });

    it("registry-cuts BYTES: blobs end after that many", async () => {
        await fault(droplet, "registry-cuts", "100000");
        const ended = await tryOn(droplet, `${curl(blob)} -o /root/part; echo "status $?"; stat -c %s /root/part`);
        assert.match(ended.stdout, /^status 18\n100000\n$/);
    });

    it("registry-slow: a download lasts as long as its speed makes it, and no longer once mended", async () => {
        const download = () => on(droplet, `${curl(blob)} -f -r 0-1999999 -o /dev/null`);
        const plain = await seconds(download);
        await fault(droplet, "registry-slow", "4000");
        const slow = await seconds(download);
        // 2 MB at 4 Mbit/s are 4 s.
        assert.ok(slow > 3.9 && slow > 2 * plain, `${slow} s, and ${plain} s without the fault`);
        // A download that goes on is released too.
        await fault(droplet, "registry-slow", "100");
        const released = seconds(download);
        await mend(droplet, "registry-slow");
        assert.ok((await released) < 2 * slow, "still slow after it was mended");
    });

    it("bad input gets one sentence", async () => {
        for (const [words, sentence] of [
            [["registry-slow"], /^"" is no speed; give kilobits a second from 1 to 9999999\n$/],
            [["registry-cuts", "all"], /^"all" is no number of bytes; give 1 or more\n$/],
            [["registry-gone", "5"], /^this fault takes no value, and got "5"\n$/],
        ] as const) {
            const ended = await tryFault(droplet, ...words);
            assert.equal(ended.status, 1);
            assert.match(ended.output.replace(/^lab: /, ""), sentence);
        }
    });
});
