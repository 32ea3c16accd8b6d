export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ink: light-dark(#1d2524, #e3e8e6);
  --faint: light-dark(#5b6b68, #94a39f);
  --line: light-dark(#d6dedb, #33403d);
  --ground: light-dark(#f3f6f5, #131918);
  --card: light-dark(#fff, #1b2322);
  --accent: light-dark(#0b7a5d, #45c99e);
  --alarm: light-dark(#b3261e, #ff8a80);
  font: 15px/1.45 system-ui, sans-serif;
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 76rem; padding: 1.25rem; color: var(--ink); background: var(--ground) }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.25rem; margin-bottom: 1rem }
h1, h2, p { margin: 0 }
h1 { font-size: 1.35rem }
h2 { font-size: 1rem; margin-bottom: .75rem }
small { color: var(--faint); font-weight: normal; font-size: .9rem; margin-left: .25rem }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere }
#live { margin-left: auto; color: var(--faint) }
#live.on { color: var(--accent) }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; min-width: 0 }
label { display: block; color: var(--faint); font-size: .85rem; margin-bottom: .3rem }
.row { display: flex; flex-wrap: wrap; gap: .5rem }
input { flex: 1 1 12rem; min-width: 0 }
input, button { font: inherit; padding: .4rem .7rem; border-radius: .4rem; border: 1px solid var(--line) }
input { background: var(--ground); color: inherit }
button { background: var(--accent); border-color: transparent; color: var(--card); cursor: pointer }
button.quiet { background: none; border-color: var(--line); color: var(--alarm) }
button:disabled { opacity: .5 }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
ul, ol { list-style: none; margin: .75rem 0 0; padding: 0 }
.cards li { display: flex; align-items: center; gap: .75rem; padding: .5rem 0; border-top: 1px solid var(--line) }
.cards code { flex: 1 }
.log { max-height: 19rem; overflow-y: auto }
.log li { display: grid; grid-template-columns: auto 1fr; align-items: baseline; gap: .1rem .75rem; padding: .3rem 0; border-top: 1px solid var(--line) }
.log time { color: var(--faint); font-variant-numeric: tabular-nums; font-size: .85rem }
.log strong { font-weight: 600; overflow-wrap: anywhere }
.log span { grid-column: 2; color: var(--faint); font-size: .85rem; overflow-wrap: anywhere }
.alarm strong { color: var(--alarm) }
.sent strong { color: var(--accent) }
.online { color: var(--accent) }
.none { color: var(--faint); padding: .3rem 0 }
#problem { position: fixed; inset: auto 1rem 1rem; padding: .7rem 1rem; border-radius: .4rem; background: var(--alarm); color: var(--card) }
`;
