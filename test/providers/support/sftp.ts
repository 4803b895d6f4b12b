import { closeSync, fstatSync, mkdirSync, openSync, statSync, writeSync, type Stats } from "node:fs";
import { utils, type SFTPWrapper } from "ssh2";

const { STATUS_CODE, flagsToString } = utils.sftp;

/** The part of SFTP that uploading takes. What a client asks about modes, owners and removal is noted, and refused. */
export function serveFiles(sftp: SFTPWrapper, root: string, asked: string[]): void {
    const local = (remote: string) => remote.replace(/^\/root/, root);
    const answering = (id: number, work: () => void) => {
        try {
            work();
        } catch (error) {
            const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
            sftp.status(id, missing ? STATUS_CODE.NO_SUCH_FILE : STATUS_CODE.FAILURE, (error as Error).message);
        }
    };
    const done = (id: number) => sftp.status(id, STATUS_CODE.OK);
    const attributes = ({ mode, uid, gid, size, atimeMs, mtimeMs }: Stats) => ({
        mode,
        uid,
        gid,
        size,
        atime: atimeMs / 1000,
        mtime: mtimeMs / 1000,
    });
    const describe = (id: number, remote: string) =>
        answering(id, () => sftp.attrs(id, attributes(statSync(local(remote)))));
    sftp.on("STAT", describe);
    sftp.on("LSTAT", describe);
    sftp.on("FSTAT", (id, handle) => answering(id, () => sftp.attrs(id, attributes(fstatSync(handle.readUInt32BE())))));
    sftp.on("MKDIR", (id, remote) => answering(id, () => (mkdirSync(local(remote)), done(id))));
    sftp.on("OPEN", (id, remote, flags) =>
        answering(id, () => {
            const handle = Buffer.alloc(4);
            handle.writeUInt32BE(openSync(local(remote), flagsToString(flags) ?? "w"));
            sftp.handle(id, handle);
        }),
    );
    sftp.on("WRITE", (id, handle, offset, data) =>
        answering(id, () => (writeSync(handle.readUInt32BE(), data, 0, data.length, offset), done(id))),
    );
    sftp.on("CLOSE", (id, handle) => answering(id, () => (closeSync(handle.readUInt32BE()), done(id))));
    // Some clients wait for the server to close.
    sftp.on("end", () => sftp.end());
    const refuse = (what: string) => (id: number) => {
        asked.push(`sftp ${what}`);
        sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
    };
    sftp.on("SETSTAT", refuse("setstat"));
    sftp.on("FSETSTAT", refuse("fsetstat"));
    sftp.on("REMOVE", refuse("remove"));
    sftp.on("RMDIR", refuse("rmdir"));
    sftp.on("RENAME", refuse("rename"));
}
