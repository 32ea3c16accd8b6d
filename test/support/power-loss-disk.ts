import { execFile, execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const IMAGE_BYTES = 256 * 1024 * 1024;

/**
 * FS_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: nothing that is not on the disk already gets there any more. The
 * one sync that is under way then may return without an error although it did not come to pass, as no power loss would
 * let it: so what was noted is measured by the very process that cuts, right before it does.
 */
const SHUTDOWN = `
import fcntl, os, struct, sys
folder = os.open(sys.argv[1], os.O_RDONLY)
print(os.stat(sys.argv[2]).st_size)
fcntl.ioctl(folder, 0x8004587D, struct.pack('I', 2))
`;

/** An ext4 file system in a file, from which the power can be taken. */
export interface PowerLossDisk {
  /** Where it is mounted. */
  readonly folder: string;
  /** On another file system, which keeps its power. */
  readonly safeFolder: string;
  /**
   * Whatever writes to it gets errors from now on, and what was not durable is gone. How many bytes there were in the
   * file of `notes` then.
   */
  cutPower(notes: string): Promise<number>;
  /** What the kernel does of its own accord when it finds the file system damaged: nobody can write any more. */
  becomeReadOnly(): Promise<void>;
  /** To be called when nobody has a file open in it any more. */
  restorePower(): Promise<void>;
  remove(): Promise<void>;
}

export async function createPowerLossDisk(): Promise<PowerLossDisk> {
  const safeFolder = await mkdtemp(join(tmpdir(), 'sessiongraph-power-'));
  const image = join(safeFolder, 'image');
  const folder = join(safeFolder, 'mounted');
  const mount = () => run('mount', ['-o', 'loop,errors=remount-ro', image, folder]);
  try {
    await mkdir(folder);
    await writeFile(image, '');
    await truncate(image, IMAGE_BYTES);
    await run('mkfs.ext4', ['-q', '-F', image]);
    await mount();
  } catch (error) {
    await rm(safeFolder, { recursive: true, force: true });
    throw error;
  }
  return {
    folder,
    safeFolder,
    async cutPower(notes) {
      const { stdout } = await run('python3', ['-c', SHUTDOWN, folder, notes]);
      if (!/^\d+$/.test(stdout.trim()))
        throw new Error(`the cut did not say how far the notes were: ${stdout}`);
      return Number(stdout);
    },
    async becomeReadOnly() {
      const { stdout } = await run('findmnt', ['-no', 'SOURCE', folder]);
      await writeFile(`/sys/fs/ext4/${basename(stdout.trim())}/trigger_fs_error`, '1');
    },
    async restorePower() {
      await run('umount', [folder]);
      await mount();
    },
    async remove() {
      await run('umount', [folder]);
      await rm(safeFolder, { recursive: true, force: true });
    },
  };
}

/** Why there can be no such disk here; undefined where there can. */
export function whyNoPowerLoss(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  const missing = ['mkfs.ext4', 'mount', 'umount', 'findmnt', 'python3'].filter(tool => !isThere(tool));
  if (missing.length > 0) return `no ${missing.join(', no ')}`;
  return isThere('losetup', '--find') ? undefined : 'no loop device';
}

/** Why no such disk can become read-only here. */
export function whyNotReadOnly(): string | undefined {
  const obstacle = whyNoPowerLoss();
  if (obstacle) return obstacle;
  try {
    accessSync('/sys/fs', constants.W_OK);
    return undefined;
  } catch {
    return 'what the kernel is told by /sys can not be written';
  }
}

function isThere(tool: string, argument = '--version'): boolean {
  try {
    execFileSync(tool, [argument], { stdio: 'ignore' });
    return true;
  } catch (error) {
    // mkfs.ext4 knows no --version and says so.
    return argument === '--version' && (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
