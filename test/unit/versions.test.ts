import assert from "node:assert/strict";
import fc from "fast-check";

import { compareVersions, isAllowedHop, parseVersion, type Version } from "../../plan/versions";

const part = fc.integer({ min: 0, max: 999_999 });
const version = fc.record({ major: part, minor: part, patch: part }, { noNullPrototype: true });
const text = ({ major, minor, patch }: Version) => `${major}.${minor}.${patch}`;

describe("versions", () => {
    it("reads every release", () => {
        fc.assert(fc.property(version, (one) => assert.deepEqual(parseVersion(text(one)), one)));
    });

    const notReleases = [
        "",
        "latest",
        "0.1",
        "0.1.",
        "v0.1.10",
        "0.1.10 ",
        " 0.1.10",
        "0.1.10\n",
        "00.1.1",
        "0.1.10-rc1",
    ];
    for (const tag of notReleases) {
        it(`does not take ${JSON.stringify(tag)} for a release`, () => assert.equal(parseVersion(tag), undefined));
    }

    it("orders by number, not by letter", () => {
        assert.ok(compareVersions({ major: 0, minor: 1, patch: 10 }, { major: 0, minor: 1, patch: 9 }) > 0);
        assert.ok(compareVersions({ major: 0, minor: 2, patch: 0 }, { major: 0, minor: 10, patch: 0 }) < 0);
        assert.ok(compareVersions({ major: 1, minor: 0, patch: 0 }, { major: 0, minor: 99, patch: 99 }) > 0);
    });

    it("orders any two the same from both sides", () => {
        fc.assert(
            fc.property(version, version, (a, b) => {
                assert.equal(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a)), 0);
                assert.equal(compareVersions(a, b) === 0, text(a) === text(b));
            }),
        );
    });

    for (const [from, to, allowed] of [
        ["0.1.9", "0.1.10", true],
        ["0.1.10", "0.1.9", true],
        ["0.1.10", "0.2.0", true],
        ["0.2.3", "0.1.10", true],
        ["0.1.10", "0.3.0", false],
        ["0.3.0", "0.1.10", true],
        ["0.9.0", "1.0.0", false],
        ["1.0.0", "0.0.1", false],
    ] as const) {
        it(`${allowed ? "allows" : "does not allow"} ${from} to ${to}`, () => {
            const [a, b] = [parseVersion(from), parseVersion(to)];
            assert.ok(a !== undefined && b !== undefined);
            assert.equal(isAllowedHop(a, b), allowed);
        });
    }
});
