import {readFileSync} from 'node:fs';
// self time below nodes reached after the first call of auth-state set
const p=JSON.parse(readFileSync(process.argv[2]));const byId=new Map(p.nodes.map(n=>[n.id,n]));const parent=new Map();for(const n of p.nodes)for(const c of n.children??[])parent.set(c,n.id);
const f=c=>`${c.functionName||'(anon)'} ${c.url.split('/').slice(-2).join('/')}:${c.lineNumber+1}`;
let started=-1,last=-1;p.samples.forEach((id,i)=>{for(let q=id;q!==undefined;q=parent.get(q)){const c=byId.get(q).callFrame;if(c.functionName==='set'&&c.url.includes('auth-state')){if(started<0)started=i;last=i}}});
const self=new Map();let tot=0;for(let i=started;i<=last;i++){const d=p.timeDeltas[i];tot+=d;const k=f(byId.get(p.samples[i]).callFrame);self.set(k,(self.get(k)??0)+d)}
console.log('window ms',tot/1000);[...self].sort((a,b)=>b[1]-a[1]).slice(0,40).forEach(([k,v])=>console.log((v/1000).toFixed(1).padStart(7),k));
