import assert from "node:assert/strict";
import fc from "fast-check";

import { hopsTo, releasesBetween } from "../../plan/hops";
import { compareVersions, isAllowedHop, parseVersion, type Version } from "../../plan/versions";

const RELEASES = ["0.8.0", "0.1.9", "0.1.10", "0.2.1", "0.2.0", "0.3.0", "0.4.0", "0.4.2", "0.4.1", "latest", "0.1"];
const version = (text: string): Version => parseVersion(text) ?? assert.fail(text);

describe("the way over several releases", () => {
    for (const [from, to, hops] of [
        ["0.1.9", "0.1.10", ["0.1.10"]],
        ["0.1.9", "0.2.0", ["0.2.0"]],
        ["0.1.9", "0.4.0", ["0.2.1", "0.3.0", "0.4.0"]],
        ["0.3.0", "0.4.1", ["0.4.1"]],
        ["0.4.2", "0.8.0", undefined],
        ["0.1.9", "1.0.0", undefined],
    ] as const) {
        it(`from ${from} to ${to} is ${hops?.join(", ") ?? "not known"}`, () =>
            assert.deepEqual(hopsTo(version(from), version(to), RELEASES), hops));
    }

    it("takes allowed hops only, upwards, over existing releases, and ends where it should", () => {
        const any = fc.record({ major: fc.constant(0), minor: fc.nat(6), patch: fc.nat(4) });
        const text = ({ major, minor, patch }: Version) => `${major}.${minor}.${patch}`;
        fc.assert(
            fc.property(any, any, fc.array(any, { maxLength: 25 }), (from, to, known) => {
                fc.pre(compareVersions(from, to) < 0);
                const hops = hopsTo(from, to, known.map(text))?.map(version);
                if (hops !== undefined) {
                    [from, ...hops].slice(0, -1).forEach((hop, index) => {
                        const next = hops[index] ?? assert.fail();
                        assert.ok(isAllowedHop(hop, next) && compareVersions(hop, next) < 0);
                        assert.ok(index === hops.length - 1 || known.some((one) => text(one) === text(next)));
                    });
                    assert.equal(text(hops.at(-1) ?? assert.fail()), text(to));
                }
            }),
            { numRuns: 2000 },
        );
    });

    it("goes by the releases in between, for their notes", () => {
        assert.deepEqual(releasesBetween(version("0.1.9"), version("0.2.1"), RELEASES), ["0.1.10", "0.2.0", "0.2.1"]);
        assert.deepEqual(releasesBetween(version("0.1.9"), version("0.1.10"), []), ["0.1.10"]);
    });
});
