import fs from 'node:fs'; import {open} from 'node:fs/promises';
const buf=Buffer.alloc(2200,7); const N=600;
async function t(name,f){const c=process.cpuUsage();const a=performance.now();await f();const ms=(performance.now()-a)/N;const u=process.cpuUsage(c);console.log(name.padEnd(40),ms.toFixed(3),'cpu',((u.user+u.system)/1000/N).toFixed(3))}
for(let r=0;r<2;r++){
for (const pre of [0]) {
await t('read hop',async()=>{const h=await open('f1','w+');await h.write(buf);const b=Buffer.alloc(2000);for(let i=0;i<N;i++)await h.read(b,0,2000,0);await h.close()});
await t('write hop',async()=>{const h=await open('f1','w+');for(let i=0;i<N;i++)await h.write(buf,0,2200,i*2200);await h.close()});
await t('write+datasync',async()=>{const h=await open('f1','w+');for(let i=0;i<N;i++){await h.write(buf,0,2200,i*2200);await h.datasync()}await h.close()});
await t('read+write+datasync',async()=>{const h=await open('f1','w+');const b=Buffer.alloc(2000);for(let i=0;i<N;i++){await h.read(b,0,2000,0);await h.write(buf,0,2200,i*2200);await h.datasync()}await h.close()});
await t('O_DSYNC write',async()=>{const h=await open('f2',fs.constants.O_CREAT|fs.constants.O_TRUNC|fs.constants.O_RDWR|fs.constants.O_DSYNC);for(let i=0;i<N;i++){await h.write(buf,0,2200,i*2200)}await h.close()});
await t('O_DSYNC write cb',async()=>{const h=fs.openSync('f2',fs.constants.O_CREAT|fs.constants.O_TRUNC|fs.constants.O_RDWR|fs.constants.O_DSYNC);for(let i=0;i<N;i++){await new Promise((y,n)=>fs.write(h,buf,0,2200,i*2200,e=>e?n(e):y()))}fs.closeSync(h)});
await t('sync write+fdatasync',async()=>{const h=fs.openSync('f3','w+');for(let i=0;i<N;i++){fs.writeSync(h,buf,0,2200,i*2200);fs.fdatasyncSync(h)}fs.closeSync(h)});
await t('multi-file writeFile',async()=>{for(let i=0;i<N;i++){await fs.promises.writeFile('g'+(i%50),buf)}});
}}
