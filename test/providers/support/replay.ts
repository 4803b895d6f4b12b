import assert from "node:assert/strict";
import { answerHere, answerRecorded, comparable, EXCEPTIONS, NOT_SENT, requestHere, type Word } from "./normalisation";
import type { Answer, PluginProcess } from "./plugin";
import { NAMES, type Plugin } from "./plugins";
import { recordedText, recordings, title, type Recorded } from "./recordings";

/** Where recorded calls are replayed. */
export interface Stage {
    readonly process: PluginProcess;
    readonly words: readonly Word[];
    /**
     * Has happen what happened before a scenario. Given, the calls come one after the other: each is about what the ones before
     * it have made.
     */
    readonly enter?: (scenario: string) => Promise<void>;
}

/** Calls that the recording broke off, with the plugin that was to answer. */
const CUT = "rpc error: code = Unavailable desc = error reading from server: EOF";

/**
 * Every recorded call as a test. The scenarios follow each other as they did; the calls of one are sent at once, as the
 * plugin has to serve them side by side when the engine asks.
 */
export function replay(plugin: Plugin, stage: () => Stage): void {
    const recorded = recordings(plugin.name);
    const all = recorded.filter(({ errors }) => errors?.[0] !== CUT);
    const answers = new Map<Recorded, Promise<Answer>>();
    let compared = 0;

    before(() => {
        const { process, enter } = stage();
        let before: Promise<unknown> = Promise.resolve();
        const send = async (call: Recorded) => {
            const answer = await process.call(call.verb, requestHere(call, stage().words));
            return answerHere(answer, stage().words);
        };
        for (const scenario of new Set(all.map((call) => call.scenario))) {
            const begun = before.then(() => enter?.(scenario));
            const calls = all.filter((call) => call.scenario === scenario);
            let turn = begun;
            const sent = calls.map((call) => {
                const answer = turn.then(() => send(call));
                if (enter !== undefined) {
                    turn = answer.then(() => undefined);
                }
                return answer;
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
        assert.equal(compared + recorded.length - all.length, recordedText(plugin.name).match(/\n/g)?.length);
    });

    it("and every exception that is made is needed", () => {
        const text = all.map((call) => JSON.stringify(call)).join("\n");
        const named = [...stage().words.map((word) => word.recorded), ...Object.keys(NOT_SENT)];
        assert.deepEqual(
            named.filter((each) => !text.includes(each)),
            [],
        );
        const calls = NAMES.flatMap(recordings);
        for (const [index, { concerns }] of EXCEPTIONS.entries()) {
            assert.ok(
                calls.some((call) => concerns(call, answerRecorded(call))),
                `exception ${index + 1}`,
            );
        }
    });
}
