/** A build context from the files of a folder: what `.dockerignore` names is left out, the rest is a tar. */
import { DockerIgnore } from './dockerignore';
import { type TarFile, tarball } from './tarball';

export interface ContextFile<Content> {
  /** As browsers tell it: `folder/sub/file`, with the name of the folder that was chosen. */
  readonly webkitRelativePath: string;
  readonly size: number;
  readonly lastModified: number;
  readonly content: Content;
  text(): Promise<string>;
}

export interface BuildContext<Content> {
  readonly parts: Array<Uint8Array | Content>;
  readonly files: number;
  readonly left: number;
  /** Bytes of content. */
  readonly size: number;
}

/** The path inside the folder. */
export function inside(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}

/** Throws for a `.dockerignore` that cannot be read, and for a folder without the Dockerfile. */
export async function buildContext<Content>(
  files: ReadonlyArray<ContextFile<Content>>,
  dockerfile: string,
): Promise<BuildContext<Content>> {
  const wanted = dockerfile || 'Dockerfile';
  const byPath = new Map(files.map((file) => [inside(file.webkitRelativePath), file]));
  if (!byPath.has(wanted.replace(/^\.\//, ''))) throw new Error(`There is no ${wanted} in this folder.`);
  const rules = new DockerIgnore((await byPath.get('.dockerignore')?.text()) ?? '', wanted);
  const kept: TarFile<Content>[] = [];
  for (const [path, file] of byPath) {
    if (!rules.ignores(path)) {
      kept.push({ path, size: file.size, mtime: file.lastModified, content: file.content });
    }
  }
  kept.sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    parts: tarball(kept),
    files: kept.length,
    left: files.length - kept.length,
    size: kept.reduce((sum, file) => sum + file.size, 0),
  };
}
