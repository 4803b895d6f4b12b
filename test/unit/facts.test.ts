import assert from "node:assert/strict";

import { DecodeError } from "../../plan/decode";
import { parseFacts } from "../../plan/facts";
import { begun, facts, finished, upgraded } from "./support/facts";

function parse(change: (raw: Record<string, unknown>) => void) {
    const raw = JSON.parse(JSON.stringify(upgraded())) as Record<string, unknown>;
    change(raw);
    return parseFacts(JSON.stringify(raw));
}

describe("facts", () => {
    it("are read as they come", () => assert.deepEqual(parseFacts(JSON.stringify(upgraded())), upgraded()));

    it("may hold more than this program knows", () => {
        assert.deepEqual(
            parse((raw) => {
                raw.disk = { freeBytes: 1 };
                raw.transitions = [{ ...begun(), at: "2026-11-23T03:00:00Z", kind: "transition" }, finished()];
            }),
            upgraded(),
        );
    });

    it("come without an instance from a server without Specivo", () => {
        const nothing = { instance: null, database: null, version: null, services: [] };
        assert.equal(parseFacts(JSON.stringify({ ...facts(), ...nothing })).instance, "");
    });

    for (const [name, change, message] of [
        ["another format", { schema: 2 }, "facts.schema is not 1"],
        ["a missing field", { root: undefined }, "facts.root is missing"],
        ["text for a truth value", { root: "yes" }, "facts.root is not true or false"],
        ["a nested missing field", { tools: {} }, "facts.tools.docker is missing"],
        ["an object for a list", { services: {} }, "facts.services is not a list"],
        ["a bad item", { services: [null] }, "facts.services[0] is not an object"],
        ["a bad key", { hostKeys: [1] }, "facts.hostKeys[0] is not a string"],
        [
            "an unknown state",
            { transitions: [{ ...begun(), state: "paused" }] },
            "facts.transitions[0].state is not begun or finished or failed or recovered or superseded",
        ],
        ["half a line", { transitions: [{ state: "begun", id: "x" }] }, "facts.transitions[0].direction is missing"],
    ] as const) {
        it(`with ${name} are refused by the field's name`, () => {
            assert.throws(() => parse((raw) => Object.assign(raw, change)), new DecodeError(message));
        });
    }

    for (const text of ["", "Welcome!", "{"]) {
        it(`are not read from ${JSON.stringify(text)}`, () => {
            assert.throws(() => parseFacts(text), new DecodeError("facts is not JSON"));
        });
    }
});
