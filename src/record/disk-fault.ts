/** The file system's word for what went wrong, such as `ENOSPC`; the message where there is none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** What is wrong with the disk and what to do, as the middle of a sentence. */
export function describeDiskFault(error: unknown): string {
  const code = errorCode(error);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `no space is left (${code}); free some`;
    case 'EROFS':
      return 'the disk is read-only (EROFS); switch its write protection off, or check it, since a damaged one is made read-only';
    case 'EACCES':
    case 'EPERM':
      return `permission was denied (${code}); change the folder's owner or permissions`;
    case 'ENOENT':
    case 'ESTALE':
    case 'ENODEV':
    case 'ENXIO':
      return `the folder is gone (${code}); plug the disk in again, and do not move or delete what is being recorded`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `a file stands where a folder must be (${code}); choose another name`;
    case 'ENOTPLAIN':
    case 'ELOOP':
      return 'it is a link, a pipe, a device or a folder and no plain file, or has another name; put the file itself there';
    case 'EOVERSIZE':
      return 'it is larger than any file of its kind; put the file that was recorded there';
    case 'EFULL':
      return 'the session holds as many events as one may, days of them; end this recording and begin another';
    case 'EFBIG':
      return 'the file is as large as this disk or this user may have one (EFBIG); use another disk, or raise the limit';
    case 'EMFILE':
    case 'ENFILE':
      return `too many files are open (${code}); close other programs`;
    default:
      return `the disk failed (${code}); check it and its connection`;
  }
}
