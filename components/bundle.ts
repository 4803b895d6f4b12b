import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";

const HOST_DIR = path.join(__dirname, "..", "host");
const CALL = 'main "$@"';

/** The operations as one script: what is installed on the server, and what a look at it runs without installing. */
export interface Bundle {
    /** The whole script; it ends by running the operation its arguments name. */
    readonly text: string;
    /** SHA-256 of the text, hexadecimal. */
    readonly hash: string;
}

/** Reads `host/` into one script: libraries, operations, then the entry, which sources nothing that is defined already. */
export function readBundle(hostDir = HOST_DIR): Bundle {
    const shellFiles = (folder: string) =>
        readdirSync(path.join(hostDir, folder))
            .filter((file) => file.endsWith(".sh"))
            .sort()
            .map((file) => path.join(folder, file));
    const files = [...shellFiles("lib"), ...shellFiles("operations"), "specivo-host"];
    const parts = files.map((file) => readFileSync(path.join(hostDir, file), "utf8").trimEnd());
    const text = ["#!/usr/bin/env bash", ...parts, ""].join("\n");
    if (!text.endsWith(`\n${CALL}\n`)) {
        throw new Error(`host/specivo-host must end with the line: ${CALL}`);
    }
    return { text, hash: createHash("sha256").update(text).digest("hex") };
}

/** A script to be fed on stdin: an operation's input then has to be part of it. */
export function inlineCall(bundle: Bundle, operation: string, input: unknown): string {
    const definitions = bundle.text.slice(0, -`${CALL}\n`.length);
    return `${definitions}main ${operation} <<'SPECIVO_INPUT'\n${JSON.stringify(input)}\nSPECIVO_INPUT\n`;
}
