import { type Check, type Finding, note, problem } from './finding.ts';

const LEAST_NODE = [20, 19] as const;
const MOST_SKEW_MS = 60_000;

/** What runs, and what it was told. */
export const SETTING_CHECKS: readonly Check[] = [
  {
    name: 'versions',
    find({ runtime: { node, baileys, wantedBaileys } }) {
      const found: Finding[] = [];
      const [major = 0, minor = 0] = node.split('.').map(Number);
      if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
        const least = LEAST_NODE.join('.');
        found.push(
          problem(
            'NODE_TOO_OLD',
            `Node.js ${node} is older than ${least}.`,
            `Install Node.js ${least} or later.`,
          ),
        );
      }
      if (baileys !== wantedBaileys) {
        const what = `Baileys ${baileys} is installed; this program was tested with ${wantedBaileys}, and relies on it.`;
        found.push(problem('BAILEYS_DIFFERS', what, 'Install again from package-lock.json: npm ci'));
      }
      return found;
    },
  },
  {
    name: 'environment',
    find: ({ environment }) =>
      environment.map(({ variable, message }) =>
        variable === 'SESSION_ENCRYPTION_SECRET'
          ? problem(
              'SECRET_NOT_SET',
              `SESSION_ENCRYPTION_SECRET ${message}.`,
              'Make one with `openssl rand -hex 32`, set it on every server, and keep a copy: without it no copy opens.',
            )
          : problem(
              'ENVIRONMENT_BAD',
              `${variable} ${message}.`,
              'README.md, Environment, says what it may be.',
            ),
      ),
  },
  {
    name: 'tokens',
    find({ issuer }) {
      if (!issuer || issuer.isAudienceAsked) return [];
      const what = `Any token that ${issuer.host} signs opens this server, also one that it made for another program.`;
      return [note('ANY_AUDIENCE', what, 'Set AUTH_AUDIENCE to what tokens for this server say in `aud`.')];
    },
  },
  {
    name: 'clock and network',
    find({ whatsApp }) {
      if (!whatsApp) return [];
      const { host, error, aheadMs } = whatsApp;
      if (error !== undefined) {
        const what = `WhatsApp can not be reached at ${host} (${error}): no session connects.`;
        return [
          problem(
            'WHATSAPP_UNREACHABLE',
            what,
            'Let this machine connect to it: DNS, firewall, proxy, port 443.',
          ),
        ];
      }
      if (aheadMs === undefined || Math.abs(aheadMs) <= MOST_SKEW_MS) return [];
      const seconds = Math.round(Math.abs(aheadMs) / 1_000);
      const what = `The clock is ${seconds} s ${aheadMs > 0 ? 'ahead' : 'behind'} of WhatsApp's. Tokens look expired or not yet valid, and pairing can fail.`;
      return [
        problem('CLOCK_SKEW', what, 'Set the clock, and keep it set: timedatectl set-ntp true, chrony, NTP.'),
      ];
    },
  },
];
