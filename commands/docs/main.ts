// Writes what is made from the sources: docs/settings.md, the keys that Pulumi.yaml declares, and the arguments of a component.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { runCommand } from "../command";
import { declareSettings, settingArgs, settingsPage } from "./settings";

runCommand(() => {
    parseArgs();
    writeFileSync("docs/settings.md", settingsPage());
    writeFileSync("components/settingArgs.ts", settingArgs());
    writeFileSync("Pulumi.yaml", declareSettings(readFileSync("Pulumi.yaml", "utf8")));
});
