import { DISK_CHECKS } from './disk-checks.ts';
import type { Check } from './finding.ts';
import { SESSION_CHECKS } from './session-checks.ts';
import { SETTING_CHECKS } from './setting-checks.ts';

/** In the order of causes: what stands above may be the reason for what stands below. */
export const CHECKS: readonly Check[] = [...SETTING_CHECKS, ...DISK_CHECKS, ...SESSION_CHECKS];
