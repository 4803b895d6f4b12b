import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Client, SFTPWrapper, Stats } from "ssh2";
import { explained } from "../core/errors";
import type { CheckFailure, Context, Resource } from "../core/plugin";
import { equal, isArchive, isAsset, reveal, UNKNOWN, type Props } from "../core/values";
import type { Connection } from "./connection";
import { dial } from "./dial";
import { checkConnection, diff, read, uniqueHex } from "./resource";

interface CopyInputs {
    readonly connection: Connection;
    readonly source: { readonly text?: string; readonly path?: string };
    readonly remotePath: string;
}

export const copyToRemote: Resource = {
    check(inputs) {
        const { inputs: checked, failures } = checkConnection(inputs);
        return { inputs: checked, failures: [...failures, ...checkSource(inputs.source)] };
    },
    diff,
    read,
    async create(inputs, preview, context) {
        if (preview) {
            return { id: "", properties: inputs };
        }
        await copy(inputs, context);
        return { id: uniqueHex(""), properties: inputs };
    },
    async update(old, inputs, preview, context) {
        const moved = !equal(old.source, inputs.source) || reveal(old.remotePath) !== reveal(inputs.remotePath);
        if (!preview && moved) {
            await copy(inputs, context);
        }
        return inputs;
    },
    // What was copied stays: the original removes nothing either.
    async delete() {},
};

function checkSource(source: unknown): CheckFailure[] {
    if (source === UNKNOWN) {
        return [];
    }
    if (!isAsset(source) && !isArchive(source)) {
        return [{ property: "asset", reason: "either asset or archive must be set" }];
    }
    const readable = typeof source.path === "string" || (isAsset(source) && typeof source.text === "string");
    // The engine sends the hash alone when it has dropped the content of an asset that did not change.
    if (readable || (source.uri === undefined && source.assets === undefined)) {
        return [];
    }
    return isAsset(source)
        ? [{ property: "asset", reason: "asset must be a path-based file asset or a text asset" }]
        : [{ property: "archive", reason: "archive must be a path to a file or directory" }];
}

async function copy(inputs: Props, context: Context): Promise<void> {
    const { connection, source, remotePath } = reveal(inputs) as CopyInputs;
    const client = await dial(connection, context);
    try {
        const files = new RemoteFiles(await openSftp(client));
        if (source.path === undefined) {
            await copyText(files, source.text ?? "", remotePath);
        } else if ((await stat(source.path)).isDirectory()) {
            await copyFolder(files, source.path, remotePath);
        } else {
            await copyFile(files, source.path, remotePath);
        }
    } finally {
        client.end();
    }
}

async function copyText(files: RemoteFiles, text: string, remotePath: string): Promise<void> {
    if ((await files.stat(remotePath))?.isDirectory() === true) {
        const advice = "when using a text asset, remotePath must be a file path";
        throw new Error(`remote path ${remotePath} is a directory; ${advice}`);
    }
    await files.makeFolders(path.posix.dirname(remotePath));
    await files.write(remotePath, [text]);
}

/** A file lands in a folder that is there under its own name, and anywhere else under the given one. */
async function copyFile(files: RemoteFiles, source: string, remotePath: string): Promise<void> {
    const there = await files.stat(remotePath);
    if (there?.isDirectory() === true) {
        await files.write(path.posix.join(remotePath, path.basename(source)), createReadStream(source));
        return;
    }
    if (there === undefined) {
        await files.makeFolders(path.posix.dirname(remotePath));
    }
    await files.write(remotePath, createReadStream(source));
}

/** `dir` lands in `remotePath/dir`, `dir/` in `remotePath` itself; what is there already is overwritten, not removed. */
async function copyFolder(files: RemoteFiles, source: string, remotePath: string): Promise<void> {
    if ((await files.stat(remotePath)) === undefined) {
        await files.makeFolders(remotePath);
    }
    const target = source.endsWith("/") ? remotePath : path.posix.join(remotePath, path.basename(source));
    await files.makeFolder(target);
    for (const entry of await readdir(source, { withFileTypes: true, recursive: true })) {
        const local = path.join(entry.parentPath, entry.name);
        const remote = path.posix.join(target, path.relative(source, local));
        if (entry.isDirectory()) {
            await files.makeFolder(remote);
        } else {
            await files.write(remote, createReadStream(local));
        }
    }
}

function openSftp(client: Client): Promise<SFTPWrapper> {
    return new Promise((resolve, reject) => {
        client.sftp((error, sftp) => (error === undefined ? resolve(sftp) : reject(error)));
    });
}

class RemoteFiles {
    constructor(private readonly sftp: SFTPWrapper) {}

    /** Undefined when nothing is there. */
    stat(remote: string): Promise<Stats | undefined> {
        return new Promise((resolve, reject) => {
            this.sftp.stat(remote, (error, found) => {
                const code = (error as { code?: number } | undefined)?.code;
                if (error === undefined || code === 2) {
                    resolve(error === undefined ? found : undefined);
                } else {
                    reject(new Error(`failed to stat remote path ${remote}: ${error.message}`));
                }
            });
        });
    }

    async makeFolder(remote: string): Promise<void> {
        const there = await this.stat(remote);
        if (there?.isDirectory() === false) {
            throw new Error(`remote path ${remote} exists but is not a directory`);
        }
        if (there === undefined) {
            const failure = await new Promise<Error | undefined>((resolve) => {
                this.sftp.mkdir(remote, (error) => resolve(error ?? undefined));
            });
            // Another copy may have made it in the meantime.
            if (failure !== undefined && (await this.stat(remote))?.isDirectory() !== true) {
                throw explained(`failed to create remote directory ${remote}: `, failure);
            }
        }
    }

    async makeFolders(remote: string): Promise<void> {
        if (remote !== "/" && remote !== "." && (await this.stat(remote)) === undefined) {
            await this.makeFolders(path.posix.dirname(remote));
            await this.makeFolder(remote);
        }
    }

    /** An existing file keeps its mode; ssh2's own write stream would set one, and open a private file to everybody. */
    async write(remote: string, content: Iterable<string> | AsyncIterable<Buffer>): Promise<void> {
        try {
            const handle = await promised<Buffer>((done) => this.sftp.open(remote, "w", done));
            let position = 0;
            for await (const piece of content) {
                const chunk = Buffer.from(piece);
                if (chunk.length > 0) {
                    await promised((done) => this.sftp.write(handle, chunk, 0, chunk.length, position, done));
                    position += chunk.length;
                }
            }
            await promised((done) => this.sftp.close(handle, done));
        } catch (error) {
            throw explained(`failed to create remote file ${remote}: `, error);
        }
    }
}

function promised<T = void>(call: (done: (error: Error | null | undefined, value?: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
        call((error, value) => (error ? reject(error) : resolve(value as T)));
    });
}
