import {readFileSync} from 'node:fs';
const p=JSON.parse(readFileSync(process.argv[2]));const self=new Map();const tot=new Map();
const byId=new Map(p.nodes.map(n=>[n.id,n]));const parent=new Map();for(const n of p.nodes)for(const c of n.children??[])parent.set(c,n.id);
p.samples.forEach((id,i)=>{const d=p.timeDeltas[i];const n=byId.get(id);const f=c=>`${c.functionName||'(anon)'} ${c.url.split('/').slice(-2).join('/')}:${c.lineNumber+1}`;
self.set(f(n.callFrame),(self.get(f(n.callFrame))??0)+d);const seen=new Set();for(let q=id;q!==undefined;q=parent.get(q)){const k=f(byId.get(q).callFrame);if(!seen.has(k)){seen.add(k);tot.set(k,(tot.get(k)??0)+d)}}});
const show=(m,n)=>[...m].sort((a,b)=>b[1]-a[1]).slice(0,n).forEach(([k,v])=>console.log((v/1000).toFixed(0).padStart(7),k));
console.log('SELF');show(self,45);console.log('TOTAL');show(tot,60);
