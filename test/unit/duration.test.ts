import assert from "node:assert/strict";

import { describeDuration, parseDuration } from "../../plan/duration";

describe("lengths of time", () => {
    for (const [text, seconds] of [
        ["90s", 90],
        ["30m", 1800],
        ["1h", 3600],
        ["7d", 604800],
        ["", undefined],
        ["0m", undefined],
        ["1", undefined],
        ["-1h", undefined],
        ["1.5h", undefined],
        ["1 h", undefined],
        ["1w", undefined],
    ] as const) {
        it(`${JSON.stringify(text)} is ${seconds ?? "none"}`, () => assert.equal(parseDuration(text), seconds));
    }

    for (const [seconds, text] of [
        [-3, "0 s"],
        [59.9, "59 s"],
        [60, "1 min"],
        [7199, "119 min"],
        [7200, "2 h"],
        [172799, "47 h"],
        [172800, "2 days"],
    ] as const) {
        it(`${seconds} seconds are told as ${text}`, () => assert.equal(describeDuration(seconds), text));
    }
});
