import assert from "node:assert/strict";
import { CommandStage, properties } from "../support/command-stage";
import { DialLog, SilentPort } from "../support/dial-log";
import type { Answer } from "../support/plugin";
import { conformance } from "../support/plugins";

/** Waits between dials, in milliseconds: 100, and half as much again each time, until they are 5 s long. */
const WAITS = Array.from({ length: 12 }, (_, index) => Math.min(100 * 1.5 ** index, 5000));
const FIRST_TEN = WAITS.slice(0, 10).reduce((sum, wait) => sum + wait);

conformance("command", "dialling", function (plugin) {
    let stage: CommandStage;
    let patient: CommandStage;
    let hangingUp: DialLog;
    let dialling: Promise<Answer>;
    let silent: Promise<Answer>;

    before(async () => {
        stage = await CommandStage.start(plugin);
        patient = await CommandStage.start(plugin);
        hangingUp = await DialLog.start();
        // The slow ones first; what the others do, they do meanwhile.
        dialling = patient.create({
            create: "true",
            connection: patient.connection({ port: hangingUp.port, dialErrorLimit: -1 }),
        });
        silent = stage.create({ create: `sleep ${(FIRST_TEN + 5000) / 1000}; echo still here` });
    });

    after(() => stage?.stop());
    after(() => patient?.stop());
    after(() => hangingUp?.stop());

    const refused = (dialErrorLimit: number) => ({ port: 1, dialErrorLimit });

    for (const limit of [0, 1, 3]) {
        it(`dialErrorLimit ${limit} gives up at the ${limit + 1}. failure`, async () => {
            stage.process.log.length = 0;
            const { error = "" } = await stage.create({ create: "true", connection: stage.connection(refused(limit)) });
            const reason = "dial tcp 127.0.0.1:1: connect: connection refused";
            assert.equal(error, `rpc error: code = Unknown desc = after ${limit} failed attempts: ${reason}`);
            const retries = Array.from({ length: limit }, (_, tries) => `Dial ${tries + 1}/${limit} failed: retrying`);
            assert.deepEqual(stage.process.logged, retries);
        });
    }

    it("perDialTimeout ends a dial that nobody answers", async () => {
        const port = await SilentPort.open();
        try {
            const begun = performance.now();
            const connection = stage.connection({ port: port.port, perDialTimeout: 1 });
            const { error = "" } = await stage.create({ create: "true", connection });
            assert.match(error, new RegExp(`after 0 failed attempts: dial tcp 127.0.0.1:${port.port}: i/o timeout$`));
            assert.ok(performance.now() - begun >= 1000);
        } finally {
            port.close();
        }
    });

    it("a server that comes up meanwhile is found", async () => {
        const other = await CommandStage.start(plugin);
        try {
            const connection = other.connection({ dialErrorLimit: 10 });
            await other.server.close();
            const running = other.create({ create: "echo up", connection });
            await other.logged("Dial 2/10 failed: retrying");
            await other.server.open(connection.port as number);
            assert.equal(properties(await running).stdout, "up");
        } finally {
            await other.stop();
        }
    });

    it("the engine's cancel ends it, though there is no limit", async () => {
        const other = await CommandStage.start(plugin);
        try {
            const running = other.create({ create: "true", connection: other.connection(refused(-1)) });
            await other.logged("Dial 1/inf failed: retrying");
            await other.process.cancel();
            assert.match((await running).error ?? "", /context canceled/);
        } finally {
            await other.stop();
        }
    });

    it("waits 100 ms, then 1.5 times as long each time, up to 5 s", async () => {
        while (hangingUp.waits.length < WAITS.length) {
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        const { waits } = hangingUp;
        WAITS.forEach((wait, index) => {
            const waited = waits[index] ?? 0;
            // Half as long again would be the next wait; without a limit the last would be 8.6 s.
            assert.ok(waited > wait - 20 && waited < wait * 1.5 + 1000, `wait ${index + 1} was ${waited} ms`);
        });
        await patient.process.cancel();
        await dialling;
    });

    it("ten tries take about 11 s, so that a server which boots needs more", () => {
        const [first = 0] = hangingUp.dials;
        const tenth = hangingUp.dials[10] ?? 0;
        assert.ok(tenth - first > 11_000 && tenth - first < 20_000, `${tenth - first} ms`);
    });

    it("a connection that has been made is not kept alive by anything while its command is silent", async () => {
        assert.equal(properties(await silent).stdout, "still here");
        assert.deepEqual(stage.server.asked, []);
    });
});
