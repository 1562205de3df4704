/** The address of a worker's bundle; build.mjs makes it, vitest understands the same spelling. */
declare module '*?worker&url' {
  const url: string;
  export default url;
}
