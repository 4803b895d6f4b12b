import assert from "node:assert/strict";
import { answerHere, answerRecorded, comparable, EXCEPTIONS, NOT_SENT, requestHere, type Word } from "./normalisation";
import type { Answer, PluginProcess } from "./plugin";
import type { Plugin } from "./plugins";
import { recordedText, recordings, title, type Recorded } from "./recordings";

/** Where recorded calls are replayed. */
export interface Stage {
    readonly process: PluginProcess;
    readonly words: readonly Word[];
}

/**
 * Every recorded call as a test. The scenarios follow each other as they did; the calls of one are sent at once, as the
 * plugin has to serve them side by side when the engine asks.
 */
export function replay(plugin: Plugin, stage: () => Stage): void {
    const all = recordings(plugin.name);
    const answers = new Map<Recorded, Promise<Answer>>();
    let compared = 0;

    before(() => {
        const { process, words } = stage();
        let before: Promise<unknown> = Promise.resolve();
        for (const scenario of new Set(all.map((call) => call.scenario))) {
            const begun = before;
            const calls = all.filter((call) => call.scenario === scenario);
            const sent = calls.map(async (call) => {
                await begun;
                return answerHere(await process.call(call.verb, requestHere(call, words)), words);
            });
            calls.forEach((call, index) => answers.set(call, sent[index] as Promise<Answer>));
            before = Promise.allSettled(sent);
        }
    });

    for (const call of all) {
        it(title(call), async () => {
            const received = await answers.get(call);
            compared++;
            assert.ok(received);
            assert.deepEqual(comparable(call, received), comparable(call, answerRecorded(call)));
        });
    }

    it("and that were all calls in the file", () => {
        assert.equal(compared, recordedText(plugin.name).match(/\n/g)?.length);
    });

    it("and every exception that is made is needed", () => {
        const text = all.map((call) => JSON.stringify(call)).join("\n");
        const named = [...stage().words.map((word) => word.recorded), ...Object.keys(NOT_SENT)];
        assert.deepEqual(
            named.filter((each) => !text.includes(each)),
            [],
        );
        const calls = [...recordings("command"), ...recordings("docker")];
        for (const [index, { concerns }] of EXCEPTIONS.entries()) {
            assert.ok(
                calls.some((call) => concerns(call, answerRecorded(call))),
                `exception ${index + 1}`,
            );
        }
    });
}
