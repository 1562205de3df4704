/** What a person dropped or chose, folders with all that is in them. */
import type { Chosen, LocalFile } from '../core/uploads';

function local(path: string, file: File): LocalFile<Blob> {
  return { path, size: file.size, mtime: file.lastModified, content: file };
}

/** Of an `<input type=file>`: with `webkitdirectory` the paths begin with the folder's name. */
export function chosenIn(input: HTMLInputElement): Chosen<Blob> {
  const files = [...(input.files ?? [])].map((file) => local(file.webkitRelativePath || file.name, file));
  return { files, folders: [] };
}

/** The browser hands out a folder's entries in portions. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

async function collect(
  entry: FileSystemEntry,
  files: Array<LocalFile<Blob>>,
  folders: string[],
): Promise<void> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const asked = entry as FileSystemFileEntry;
    files.push(local(path, await new Promise<File>((resolve, reject) => asked.file(resolve, reject))));
    return;
  }
  const inside = await entriesOf(entry as FileSystemDirectoryEntry);
  if (inside.length === 0) folders.push(path);
  for (const child of inside) await collect(child, files, folders);
}

/** Of a drop. The items must be asked before anything is awaited: they are gone after the event. */
export async function dropped(items: DataTransferItemList): Promise<Chosen<Blob>> {
  const given = [...items].map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const files: Array<LocalFile<Blob>> = [];
  const folders: string[] = [];
  for (const item of given) {
    // What comes from another program (a picture out of a mail) is a file without a place in a file system.
    if (item instanceof File) files.push(local(item.name, item));
    else if (item) await collect(item, files, folders);
  }
  return { files, folders };
}
