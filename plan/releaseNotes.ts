/** What changed in one release, an entry each, as its authors wrote it. */
export type ReleaseNotes = ReadonlyMap<string, readonly string[]>;

/**
 * Reads a change log in the form of keepachangelog.com: a `## [X.Y.Z]` heading for each release, its entries as list items. An entry that
 * goes over several lines is one; headings within a release, such as `### Added`, are left out.
 */
export function parseChangelog(text: string): ReleaseNotes {
    const notes = new Map<string, string[]>();
    let entries: string[] | undefined;
    for (const line of text.split(/\r?\n/)) {
        const release = /^##\s+\[?v?(\d+\.\d+\.\d+)\b/.exec(line)?.[1];
        const item = /^[-*]\s+(.*\S)/.exec(line)?.[1];
        const more = /^\s+(\S.*\S)\s*$/.exec(line)?.[1];
        if (release !== undefined) {
            entries = [];
            notes.set(release, entries);
        } else if (/^##\s/.test(line)) {
            entries = undefined;
        } else if (entries !== undefined && item !== undefined) {
            entries.push(item);
        } else if (entries !== undefined && entries.length > 0 && more !== undefined) {
            entries.push(`${entries.pop() ?? ""} ${more}`);
        }
    }
    return notes;
}

const LONGEST = 100;
const MOST = 6;

/** An entry's beginning, without its Markdown: its first sentence or its bold part is mostly its title. */
function titleOf(entry: string): string {
    const bold = /^\*\*(.+?)\*\*/.exec(entry)?.[1];
    const plain = (bold ?? entry).replace(/[*_`]|\[([^\]]*)\]\([^)]*\)/g, "$1");
    const sentence = /^(.*?[^.]\.)(\s|$)/.exec(plain)?.[1] ?? plain;
    const title = sentence.replace(/\.$/, "");
    return title.length > LONGEST ? `${title.slice(0, LONGEST - 1)}…` : title;
}

/** One line a release, for a reader of the preview. */
export function describeNotes(releases: readonly string[], notes: ReleaseNotes): string[] {
    return releases.map((release) => {
        const entries = notes.get(release) ?? [];
        const titles = entries.slice(0, MOST).map(titleOf);
        const more = entries.length > MOST ? `; and ${entries.length - MOST} more` : "";
        return titles.length > 0 ? `${release}: ${titles.join("; ")}${more}` : `${release}: no notes`;
    });
}
