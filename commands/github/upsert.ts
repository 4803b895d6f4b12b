import { type Decoder, nullable, number, object, string } from "../../plan/decode";
import { listAll, type Repository, request } from "./api";

/** What is told, and the mark by which it is found again. */
export interface Told {
    /** Names what it is about, such as `plan of prod`; not seen by readers. */
    readonly mark: string;
    readonly body: string;
    /** Login of the account that tells it; what others wrote is never edited. */
    readonly author: string;
}

const user = object({ login: string });
const comment = object({ id: number, body: nullable(string), user: nullable(user) });
const anything: Decoder<unknown> = (value) => value ?? null;
const issue = object({ number, body: nullable(string), user: nullable(user), pull_request: anything });

const hidden = (mark: string) => `<!-- specivo: ${mark.replaceAll("--", "- -")} -->`;
const marked = ({ mark, body }: Told) => `${hidden(mark)}\n${body}`;

function isOwn(
    { body, user }: { body: string | null; user: { login: string } | null },
    { mark, author }: Told,
): boolean {
    return user?.login === author && (body ?? "").startsWith(hidden(mark));
}

/** One comment on a pull request or issue for each mark: the one that is there is edited. */
export async function upsertComment(repository: Repository, on: number, told: Told): Promise<void> {
    const comments = await listAll(repository, `/issues/${on}/comments`, comment);
    const own = comments.find((one) => isOwn(one, told));
    if (own === undefined) {
        await request(repository, "POST", `/issues/${on}/comments`, { body: marked(told) });
    } else if (own.body !== marked(told)) {
        await request(repository, "PATCH", `/issues/comments/${own.id}`, { body: marked(told) });
    }
}

/** One open issue for each mark, its text that of the last time. */
export async function upsertIssue(repository: Repository, title: string, told: Told): Promise<void> {
    const own = await openIssue(repository, told);
    if (own === undefined) {
        await request(repository, "POST", "/issues", { title, body: marked(told) });
    } else if (own.body !== marked(told)) {
        await request(repository, "PATCH", `/issues/${own.number}`, { body: marked(told) });
    }
}

/** Closes the issue of that mark, if there is one, with a last word. */
export async function closeIssue(repository: Repository, told: Told): Promise<void> {
    const own = await openIssue(repository, told);
    if (own !== undefined) {
        await request(repository, "POST", `/issues/${own.number}/comments`, { body: told.body });
        await request(repository, "PATCH", `/issues/${own.number}`, { state: "closed" });
    }
}

async function openIssue(repository: Repository, told: Told) {
    const issues = await listAll(repository, `/issues?state=open&creator=${encodeURIComponent(told.author)}`, issue);
    return issues.find((one) => one.pull_request === null && isOwn(one, told));
}
