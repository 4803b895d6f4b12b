import { Html } from "./markup";

/** Colours tell states apart in light and in dark; each has its word beside it, too. */
export const STYLE = new Html(`
:root { color-scheme: light dark; --text: #1c2126; --dim: #5b6570; --ground: #f6f7f8; --card: #fff; --line: #d9dee3;
  --good: #1a7f4b; --bad: #c0392b; --open: #9a6700; --step: #3b7dd8; --link: #1f5fbf; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e8ec; --dim: #9aa5b1; --ground: #14181c; --card: #1d2329; --line: #343c45;
  --good: #4cc38a; --bad: #ff7b6b; --open: #e0a83a; --step: #6aa5f5; --link: #8ab8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.6rem; } h2 { margin: 2rem 0 .6rem; font-size: 1.15rem; } h3 { margin: 0; font-size: 1rem; }
header p, .id, dt, .note, th { color: var(--dim); } a { color: var(--link); } code { font-size: .9em; overflow-wrap: anywhere; }
article { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--dim); border-radius: 6px; padding: .9rem 1.1rem; margin: 0 0 .9rem; }
article.finished { border-left-color: var(--good); } article.failed, article.recovered { border-left-color: var(--bad); } article.begun { border-left-color: var(--open); }
.id { margin: 0 0 .5rem; font-size: .85rem; }
.badge { display: inline-block; border: 1px solid; border-radius: 1em; padding: 0 .6em; font-size: .8rem; font-weight: 600; color: var(--dim); white-space: nowrap; }
.badge.finished { color: var(--good); } .badge.failed, .badge.recovered { color: var(--bad); } .badge.begun { color: var(--open); }
dl { display: flex; flex-wrap: wrap; gap: .2rem 1.8rem; margin: 0 0 .6rem; } dt { font-size: .8rem; } dd { margin: 0; }
.reason { margin: .3rem 0 .6rem; padding: .4rem .7rem; border-radius: 4px; background: color-mix(in srgb, var(--bad) 12%, transparent); overflow-wrap: anywhere; }
.lanes { list-style: none; margin: 0; padding: 0; font-size: .85rem; }
.lanes li { display: grid; grid-template-columns: 7rem 1fr 4.5rem; gap: .7rem; align-items: center; }
.track { position: relative; height: .75rem; background: var(--ground); border-radius: 3px; overflow: hidden; }
.bar { position: absolute; top: 0; bottom: 0; min-width: 3px; border-radius: 3px; background: var(--step); }
.bar.outage { background: var(--bad); } .bar.unfinished { background: repeating-linear-gradient(45deg, var(--open) 0 6px, transparent 6px 11px); }
.note { text-align: right; }
.strip { list-style: none; display: flex; flex-wrap: wrap; gap: 2px; margin: 0 0 .6rem; padding: 0; }
.strip li { min-width: 7.5rem; flex-basis: 0; padding: .35rem .6rem; color: var(--card); background: var(--step); border-radius: 4px; white-space: nowrap; overflow: hidden; }
.strip li:nth-child(even) { background: var(--good); }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th, td { text-align: left; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; } th { font-weight: 600; }
:target { outline: 2px solid var(--link); outline-offset: 2px; }
@media (max-width: 40rem) { .strip li { flex: 1 0 100% !important; } .lanes li { grid-template-columns: 6rem 1fr 3.5rem; } }
`);
