// Writes what is made from the sources: docs/settings.md, and the keys that Pulumi.yaml declares.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { runCommand } from "../command";
import { declareSettings, settingsPage } from "./settings";

runCommand(() => {
    parseArgs();
    writeFileSync("docs/settings.md", settingsPage());
    writeFileSync("Pulumi.yaml", declareSettings(readFileSync("Pulumi.yaml", "utf8")));
});
