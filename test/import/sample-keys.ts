/** Ids as Baileys makes them: with every character that a file name loses, and some that differ only in case. */
export const SAMPLE_IDS: Readonly<Record<string, readonly string[]>> = {
  'pre-key': ['1', '16777214'],
  session: ['15550002.0', '15550002.17', '20177700001_1.5', '15550002_128.99'],
  'identity-key': ['15550002.0', '20177700001_1.5'],
  'sender-key': [
    '120363000000000001@g.us::15550002::0',
    '15550002-1600000000@g.us::20177700001_1::17',
    'status@broadcast::15550002::0',
  ],
  'sender-key-memory': ['120363000000000001@g.us', '15550002-1600000000@g.us', 'status@broadcast'],
  'app-state-sync-key': ['AAAAAPx/', 'aaaaAPX/', '//+A+//=', 'AAAA////', 'AAAAAA=='],
  'app-state-sync-version': [
    'critical_block',
    'critical_unblock_low',
    'regular_high',
    'regular_low',
    'regular',
  ],
  'lid-mapping': ['15550002', '20177700001_reverse'],
  'device-list': ['15550002', '20177700001'],
  tctoken: ['__index', '15550002@s.whatsapp.net', '20177700001@lid', '20177700001:5@lid'],
};
