// The ordinary spec report, and a line with the counts for scripts/test, which adds up all parts.
const fs = require("node:fs");
const Mocha = require("mocha");

module.exports = class CountingReporter extends Mocha.reporters.Spec {
    constructor(runner, options) {
        super(runner, options);
        runner.once("end", () => {
            const { passes, failures } = this.stats;
            if (process.env.TEST_COUNTS) {
                fs.appendFileSync(process.env.TEST_COUNTS, `${passes} ${failures}\n`);
            }
        });
    }
};
